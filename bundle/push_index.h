// From images that are there already to an index over them.
#pragma once

#include "bundle/deliver.h"

#include <string>
#include <vector>

namespace tote::bundle {

struct PushIndexRequest {
  PushTarget target;
  // References: of the target's layout if it is one, else of registries. Images that the target's
  // repository has not are copied there.
  std::vector<std::string> images;
  Observer observer = {};
};

// Returns the digest of the index, once it is delivered. Error as of build_index(), or if an image
// is not there.
oci::Digest push_index(const PushIndexRequest& request, const Session& session);

}  // namespace tote::bundle
