#include "oci/contents.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tote::oci {

ManifestList::ManifestList(std::initializer_list<ManifestPtr> manifests) {
  for (const ManifestPtr& manifest : manifests) add(manifest);
}

bool ManifestList::add(ManifestPtr manifest) {
  if (!places_.try_emplace(manifest->digest(), list_.size()).second) return false;
  list_.push_back(std::move(manifest));
  return true;
}

ManifestPtr ManifestList::find(const Digest& digest) const noexcept {
  const auto found = places_.find(digest);
  return found == places_.end() ? nullptr : list_[found->second];
}

void sort_images(std::vector<CarriedImage>& images) {
  // References are made once for each, not once for each comparison.
  std::vector<std::pair<std::string, std::size_t>> order;
  order.reserve(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) order.emplace_back(images[i].reference(), i);
  std::sort(order.begin(), order.end(), [&images](const auto& a, const auto& b) {
    return std::tie(a.first, images[a.second].tag, a.second) <
           std::tie(b.first, images[b.second].tag, b.second);
  });
  std::vector<CarriedImage> sorted;
  sorted.reserve(images.size());
  for (const auto& [reference, place] : order) sorted.push_back(std::move(images[place]));
  images = std::move(sorted);
}

const CarriedConfig* Contents::find_config(const Digest& digest) const noexcept {
  const auto found = std::lower_bound(configs.begin(), configs.end(), digest,
                                      [](const CarriedConfig& config, const Digest& wanted) {
                                        return config.blob.digest < wanted;
                                      });
  return found == configs.end() || found->blob.digest != digest ? nullptr : &*found;
}

bool Contents::carries_layer(const Digest& digest) const noexcept {
  const auto found = std::lower_bound(
      layers.begin(), layers.end(), digest,
      [](const CarriedLayer& layer, const Digest& wanted) { return layer.blob.digest < wanted; });
  return found != layers.end() && found->blob.digest == digest;
}

}  // namespace tote::oci
