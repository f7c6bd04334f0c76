#include "archive/root_bundle.h"

namespace tote::archive {

std::vector<const oci::CarriedImage*> root_bundles(const oci::Contents& contents) {
  std::vector<const oci::CarriedImage*> roots;
  for (const oci::CarriedImage& image : contents.images)
    if (image.labels.contains(kRootBundleLabel)) roots.push_back(&image);
  return roots;
}

}  // namespace tote::archive
