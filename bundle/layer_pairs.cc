#include "bundle/layer_pairs.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace tote::bundle {
namespace {

// One image with its layers; of an index each of its own.
struct NamedImage {
  std::string name;
  std::span<const oci::Descriptor> layers;
  oci::Repository repository;
};

std::string name_of(const oci::CarriedImage& image) {
  if (image.labels.contains(archive::kRootBundleLabel)) return "the bundle";
  if (image.known_as.empty()) return image.repository.name();
  try {
    return oci::Reference::parse(image.known_as).repository.name();
  } catch (const Error&) {
    return image.repository.name();  // archives may claim anything
  }
}

void add_images(const oci::Contents& contents, const oci::CarriedImage& image,
                const std::string& name, const oci::Digest& digest,
                std::vector<NamedImage>& images) {
  const oci::ManifestPtr manifest = contents.find_manifest(digest);
  if (manifest == nullptr) return;
  if (!manifest->is_index()) return images.push_back({name, manifest->layers(), image.repository});
  for (const oci::Descriptor& child : manifest->children())
    if (const oci::ManifestPtr one = contents.find_manifest(child.digest); one && !one->is_index())
      images.push_back({fmt::format("{} {}", name, child.platform ? child.platform->name() : ""),
                        one->layers(), image.repository});
}

// The contents must outlive the result.
std::vector<NamedImage> images_of(const oci::Contents& contents) {
  std::vector<NamedImage> images;
  for (const oci::CarriedImage& image : contents.images)
    add_images(contents, image, name_of(image), image.target.digest, images);
  return images;
}

std::uint64_t size_of(const NamedImage& image) {
  std::uint64_t size = 0;
  for (const oci::Descriptor& layer : image.layers) size += layer.size;
  return size;
}

std::size_t count_shared(const NamedImage& image, const std::set<oci::Digest>& layers) {
  return static_cast<std::size_t>(
      std::count_if(image.layers.begin(), image.layers.end(),
                    [&](const auto& layer) { return layers.contains(layer.digest); }));
}

struct FarImage {
  NamedImage image;
  const PlaceContents* place;
};

class Pairing {
 public:
  explicit Pairing(const FarSide& far) {
    for (const PlaceContents& place : far.places)
      for (NamedImage& image : images_of(place.contents))
        far_.push_back({std::move(image), &place});
  }

  void pair(const NamedImage& now, std::map<oci::Digest, std::vector<FarLayer>>& pairs) const {
    std::set<oci::Digest> layers;
    for (const oci::Descriptor& layer : now.layers) layers.insert(layer.digest);
    const FarImage* before = find_earlier(now, layers);
    if (before == nullptr) return;
    const std::span<const oci::Descriptor> old = before->image.layers;
    const bool is_alike = old.size() == now.layers.size();
    for (std::size_t i = 0; i < now.layers.size(); ++i) {
      std::vector<FarLayer>& paired = pairs[now.layers[i].digest];
      if (!paired.empty()) continue;
      for (const oci::Descriptor& layer : is_alike ? old.subspan(i, 1) : old)
        if (!layers.contains(layer.digest) && !oci::is_non_distributable(layer.media_type) &&
            before->place->has_layer(layer.digest))
          paired.push_back({layer, before->image.repository, before->place});
    }
  }

 private:
  // nullptr: nothing looks like one.
  const FarImage* find_earlier(const NamedImage& now, const std::set<oci::Digest>& layers) const {
    const FarImage* best = nullptr;
    std::tuple<bool, std::size_t, std::uint64_t> best_rank;
    const std::uint64_t size = size_of(now);
    for (const FarImage& far : far_) {
      const bool has_name = far.image.name == now.name;
      const std::size_t shared = count_shared(far.image, layers);
      if (!has_name && shared == 0) continue;
      const std::uint64_t other = size_of(far.image);
      const std::uint64_t distance = size > other ? size - other : other - size;
      const std::tuple rank(has_name, shared, ~distance);
      if (best == nullptr || rank > best_rank) std::tie(best, best_rank) = std::pair(&far, rank);
    }
    return best;
  }

  std::vector<FarImage> far_;
};

}  // namespace

std::map<oci::Digest, std::vector<FarLayer>> pair_layers(const oci::Contents& now,
                                                         const FarSide& far) {
  std::map<oci::Digest, std::vector<FarLayer>> pairs;
  const Pairing pairing(far);
  for (const NamedImage& image : images_of(now)) pairing.pair(image, pairs);
  std::erase_if(pairs, [](const auto& pair) { return pair.second.empty(); });
  return pairs;
}

}  // namespace tote::bundle
