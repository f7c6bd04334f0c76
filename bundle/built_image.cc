#include "bundle/built_image.h"

#include "base/error.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

struct MediaTypes {
  std::string_view manifest;
  std::string_view config;
  std::string_view layer;
};
constexpr MediaTypes kDocker{oci::kDockerManifest, oci::kDockerConfig, oci::kDockerLayer};
constexpr MediaTypes kOci{oci::kOciManifest, oci::kOciConfig, oci::kOciGzipLayer};

const MediaTypes& types_of(ImageFormat format) {
  return format == ImageFormat::kOci ? kOci : kDocker;
}

oci::ManifestPtr make_manifest(std::string_view type, const oci::Descriptor& config,
                               const oci::Descriptor& layer) {
  return oci::Manifest::parse(
      oci::encode_manifest(type, config, {layer}, oci::DescriptorOrder::kSizeFirst), type);
}

}  // namespace

BuiltImage::BuiltImage(PackedLayer layer, const Labels& labels, ImageFormat format,
                       const std::optional<ImageSettings>& settings)
    : layer_(std::move(layer.content)),
      layer_descriptor_{std::string(types_of(format).layer), layer.digest, layer_.size()},
      config_(encode_image_config(layer.diff_id, labels, settings)),
      config_descriptor_{std::string(types_of(format).config), oci::Digest::of(config_),
                         config_.size()},
      manifest_(make_manifest(types_of(format).manifest, config_descriptor_, layer_descriptor_)) {}

oci::Contents BuiltImage::contents(const oci::Repository& repository,
                                   const std::string& tag) const {
  return {.images = {{repository, manifest_->descriptor(), tag, {}, {}}},
          .manifests = {manifest_},
          .configs = {{config_descriptor_, config_, repository}},
          .layers = {{layer_descriptor_, repository}}};
}

std::optional<oci::Descriptor> BuiltImage::resolve(std::string_view tag_or_digest,
                                                   std::stop_token) {
  if (tag_or_digest != digest().str()) return std::nullopt;
  return manifest_->descriptor();
}

oci::ManifestPtr BuiltImage::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  if (tag_or_digest != digest().str())
    throw Error(ErrorKind::kNotFound, fmt::format("no image '{}' was built", tag_or_digest));
  return manifest_;
}

bool BuiltImage::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return blob.digest == layer_descriptor_.digest || blob.digest == config_descriptor_.digest;
}

std::unique_ptr<Source> BuiltImage::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                              std::stop_token) {
  if (blob.digest == config_descriptor_.digest)
    return std::make_unique<StringSource>(config_.substr(offset));
  if (offset > 0) return layer_.open(offset);
  return std::make_unique<oci::VerifyingSource>(layer_.open(), layer_descriptor_);
}

}  // namespace tote::bundle
