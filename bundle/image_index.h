// An index over images that are there already (OCI image specification 1.1: image-index.md).
#pragma once

#include "copy/manifest_cache.h"
#include "oci/contents.h"

#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

// What is to be in an index: an image, or another index, of which the images are meant.
struct IndexPart {
  std::string name;  // as it was typed
  oci::Repository repository;
  oci::ManifestPtr manifest;
};

struct BuiltIndex {
  oci::ManifestPtr manifest;
  std::vector<oci::CarriedImage> images;  // that it names, in its order
};

// In the order of the parts, each image once, with the platform that its config says; what another
// index says of an image is kept, if it is right about its type and size. Docker's type if all
// images have Docker's types, else OCI's. Error{kUsage} for two images of one platform and for one
// that does not say its platform, since nobody could choose between them, and if there is none.
// Error{kParse}, Cancelled.
BuiltIndex build_index(const std::vector<IndexPart>& parts, copy::ManifestCache& cache,
                       std::stop_token stop);

}  // namespace tote::bundle
