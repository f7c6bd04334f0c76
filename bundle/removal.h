// Removing an image from a repository, with what leads to it and what is attached to it.
#pragma once

#include "bundle/find_attached.h"
#include "bundle/session.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "registry/client.h"

#include <string>
#include <vector>

namespace tote::bundle {

struct RemovedManifest {
  oci::ManifestPtr manifest;
  std::string type = {};  // of what is attached; empty: it is the image, or a list of referrers
  std::vector<std::string> tags = {};  // that lead to it, and go with it; sorted
};

// All that is to be removed, in the order in which it goes: what is attached before what it is
// attached to, the image last of these, then the list of its referrers, where one is kept by a tag.
struct Removal {
  oci::Repository repository;
  std::vector<RemovedManifest> manifests;
  oci::Digest image;     // one of them
  LeftBehind left = {};  // what is attached and stays
};

// Looks at all tags of the repository. Error{kUsage} if an index that stays names something of it;
// Error{kNotFound} if there is no such image.
Removal plan_removal(const oci::Reference& image, bool with_attached, registry::Client& client,
                     const Session& session);

// Deletes the manifests by digest; the registry's own collection frees the blobs. What a list of
// referrers that stays says of them is taken out of it. Stops at the first Error, which says how
// much was removed.
void remove(const Removal& removal, registry::Client& client, const Session& session);

}  // namespace tote::bundle
