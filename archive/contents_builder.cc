#include "archive/contents_builder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tote::archive {

const oci::RawManifest& ContentsBuilder::add_manifest(oci::RawManifest manifest) {
  const oci::Digest digest = manifest.descriptor.digest;
  contents_.manifests.add(std::move(manifest));
  return *contents_.manifests.find(digest);
}

void ContentsBuilder::add_config(const oci::CarriedConfig& config) {
  configs_.try_emplace(config.blob.digest, config);
}

void ContentsBuilder::add_layers(const oci::ImageManifest& image,
                                 const oci::Repository& repository) {
  for (const oci::Descriptor& layer : image.layers) add_blob(layer, repository);
}

void ContentsBuilder::add_blob(const oci::Descriptor& blob, const oci::Repository& repository) {
  layers_.try_emplace(blob.digest, oci::CarriedLayer{blob, repository});
}

oci::Contents ContentsBuilder::finish() {
  for (auto& [digest, config] : configs_) contents_.configs.push_back(std::move(config));
  for (auto& [digest, layer] : layers_) contents_.layers.push_back(std::move(layer));
  std::stable_sort(contents_.images.begin(), contents_.images.end(),
                   [](const auto& a, const auto& b) {
                     return std::tuple(a.reference(), a.tag) < std::tuple(b.reference(), b.tag);
                   });
  return std::move(contents_);
}

}  // namespace tote::archive
