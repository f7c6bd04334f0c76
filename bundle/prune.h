// Removing from a place what nothing says should be there.
#pragma once

#include "bundle/finding.h"
#include "bundle/place.h"
#include "bundle/session.h"
#include "registry/client.h"

#include <vector>

namespace tote::bundle {

// Error{kUsage} with a hint for a place of which nothing can be removed: an archive.
void check_prunable(const Place& place);

// Removes what verify() has found to be extra. What was removed is taken out of `findings` and
// returned; the rest says why it could not be.
//
// Of a repository manifests are deleted by digest, with the extra tags that lead to them; where
// another tag leads there too, or to an index that names them, the extra tags alone. The registry's
// own collection frees the blobs. Of a layout entries of index.json go, then blobs that nothing
// refers to. Error{kIo}, Cancelled.
std::vector<Finding> prune(const Place& place, std::vector<Finding>& findings,
                           registry::Client& client, const Session& session);

}  // namespace tote::bundle
