#include "oci/contents.h"

#include <algorithm>

namespace tote::oci {

ManifestList::ManifestList(std::initializer_list<RawManifest> manifests) {
  for (const RawManifest& manifest : manifests) add(manifest);
}

bool ManifestList::add(RawManifest manifest) {
  if (!places_.try_emplace(manifest.descriptor.digest, list_.size()).second) return false;
  list_.push_back(std::move(manifest));
  return true;
}

const RawManifest* ManifestList::find(const Digest& digest) const noexcept {
  const auto found = places_.find(digest);
  return found == places_.end() ? nullptr : &list_[found->second];
}

const CarriedConfig* Contents::find_config(const Digest& digest) const noexcept {
  const auto found = std::lower_bound(configs.begin(), configs.end(), digest,
                                      [](const CarriedConfig& config, const Digest& wanted) {
                                        return config.blob.digest < wanted;
                                      });
  return found == configs.end() || found->blob.digest != digest ? nullptr : &*found;
}

std::vector<const CarriedImage*> Contents::root_bundles() const {
  std::vector<const CarriedImage*> roots;
  for (const CarriedImage& image : images)
    if (image.labels.contains(kRootBundleLabel)) roots.push_back(&image);
  return roots;
}

}  // namespace tote::oci
