#include "bench/many_images.h"

#include <fmt/format.h>

namespace tote::bench {
namespace {

constexpr std::size_t kLayers = 2;

std::string descriptor_text(const oci::Descriptor& blob) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", blob.media_type,
                     blob.digest.str(), blob.size);
}

}  // namespace

std::string manifest_text(const oci::Descriptor& config, std::size_t number, std::size_t layers) {
  std::string listed;
  for (std::size_t i = 0; i < layers; ++i) {
    const oci::Descriptor layer{.media_type = "application/vnd.oci.image.layer.v1.tar+gzip",
                                .digest = oci::Digest::of(fmt::format("layer {}-{}", number, i)),
                                .size = 1024};
    listed += (i == 0 ? "" : ",") + descriptor_text(layer);
  }
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("config":{},"layers":[{}]}})",
      descriptor_text(config), listed);
}

ManyImages::ManyImages(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const oci::Descriptor config = place_.add_blob(
        fmt::format(R"({{"architecture":"amd64","os":"linux","config":{{"Env":["N={}"]}}}})", i),
        "application/vnd.oci.image.config.v1+json");
    const oci::ManifestPtr manifest = oci::Manifest::parse(manifest_text(config, i, kLayers), {});
    place_.add_manifest(manifest);
    images_.push_back({.repository = {.registry = "registry.test", .path = "images"},
                       .target = manifest->descriptor(),
                       .tag = {},
                       .known_as = {},
                       .labels = {}});
  }
}

copy::Plan ManyImages::plan() {
  copy::ManifestCache cache([this](const oci::Repository&) -> oci::ImageReader& { return place_; });
  ThreadPool pool(2);
  return copy::plan_copy(images_, cache, {}, pool, {});
}

}  // namespace tote::bench
