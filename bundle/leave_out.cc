#include "bundle/leave_out.h"

#include "bundle/layer_patches.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

void leave_out_layers(Cargo& cargo, const FarSide& far,
                      const std::function<bool(const oci::Digest&)>& is_bundle) {
  std::set<oci::Digest> needed;
  for (const oci::ManifestPtr& manifest : cargo.contents.manifests)
    if (is_bundle(manifest->digest()))
      for (const oci::Descriptor& layer : manifest->layers()) needed.insert(layer.digest);
  std::erase_if(cargo.contents.layers, [&](const oci::CarriedLayer& layer) {
    const bool is_left_out =
        far.blobs.contains(layer.blob.digest) && !needed.contains(layer.blob.digest);
    if (is_left_out) cargo.delta.needs.push_back(layer.blob);
    return is_left_out;
  });
}

void carry_patches(Cargo& cargo, LayerPatches patches) {
  std::set<oci::Digest> rebuilt;
  for (const archive::RebuiltLayer& layer : patches.layers) rebuilt.insert(layer.layer.digest);
  std::vector<oci::CarriedLayer>& layers = cargo.contents.layers;
  std::erase_if(layers, [&](const auto& layer) { return rebuilt.contains(layer.blob.digest); });
  for (const archive::RebuiltLayer& layer : patches.layers)
    layers.push_back({layer.patch, PatchFiles::name()});
  std::sort(layers.begin(), layers.end(),
            [](const auto& a, const auto& b) { return a.blob.digest < b.blob.digest; });
  cargo.delta.rebuilt = std::move(patches.layers);
  cargo.from = [from = std::move(cargo.from), files = std::move(patches.files)](
                   const oci::Repository& name) -> oci::ImageReader& {
    return name == PatchFiles::name() ? *files : from(name);
  };
}

LayersLeftOut count(const archive::Delta& delta, std::size_t whole) {
  LayersLeftOut count{
      .layers = delta.needs.size(), .rebuilt = delta.rebuilt.size(), .whole = whole};
  for (const oci::Descriptor& blob : delta.needs) count.bytes += blob.size;
  for (const archive::RebuiltLayer& layer : delta.rebuilt) {
    count.rebuilt_bytes += layer.layer.size;
    count.patch_bytes += layer.patch.size;
  }
  return count;
}

}  // namespace

void leave_out(Cargo& cargo, const FarSide& far,
               const std::function<bool(const oci::Digest& image)>& is_bundle,
               const Session& session) {
  leave_out_layers(cargo, far, is_bundle);
  LayerPatches patches =
      make_patches(cargo.contents.layers, pair_layers(cargo.contents, far), cargo.from, session);
  const std::size_t whole = patches.whole;
  if (!patches.layers.empty()) carry_patches(cargo, std::move(patches));
  tell(cargo.observer, count(cargo.delta, whole));
}

}  // namespace tote::bundle
