// What is attached to an image, and to that, and so on: referrers, and what cosign keeps under
// tags.
#pragma once

#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "oci/manifest.h"
#include "oci/reference.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

struct AttachedNode {
  oci::ManifestPtr manifest;
  std::string type;                         // as of oci::Attachment
  std::string tag = {};                     // cosign's; empty: it is a referrer
  std::vector<AttachedNode> attached = {};  // to this one
};

// Whatever the registry or the image's tag lists and says of itself that it is about `image`, in
// the order in which it is listed. `artifact_type`: of the first level; empty: any. Error{kParse}
// where attachments are nested more than 8 deep, or are over 100,000. The cache must outlive it.
std::vector<AttachedNode> find_attached_tree(const oci::Repository& repository,
                                             const oci::Digest& image,
                                             const std::string& artifact_type,
                                             copy::ManifestCache& cache, const Session& session);

}  // namespace tote::bundle
