// Taking a name away from an image, which stays.
#pragma once

#include "bundle/session.h"
#include "registry/remote_repository.h"

#include <string>

namespace tote::bundle {

// Removes the tag alone. No registry says beforehand what it makes of a DELETE by tag: the
// specification lets it remove the tag or refuse (400, 405), but there are such as remove the
// manifest, and with it all other tags. So it is looked for afterwards, and if it is gone it is put
// back, with every tag that was there before and leads nowhere now, and this is an
// Error{kRegistry}: all is as it was.
//
// Returns what the tag led to. Error{kNotFound} if there is no such tag; RegistryError, with a
// hint, where the registry refuses.
oci::Digest remove_tag(const std::string& tag, registry::RemoteRepository& repository,
                       const Session& session);

}  // namespace tote::bundle
