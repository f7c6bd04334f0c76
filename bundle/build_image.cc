#include "bundle/build_image.h"

#include "base/error.h"
#include "oci/media_types.h"

#include <utility>

namespace tote::bundle {
namespace {

// Docker's format has no type for zstd.
std::string_view layer_type(LayerCompression compression, ImageFormat format) {
  const bool is_oci = format == ImageFormat::kOci;
  if (compression == LayerCompression::kGzip)
    return is_oci ? oci::kOciGzipLayer : oci::kDockerLayer;
  if (!is_oci) throw Error(ErrorKind::kInternal, "a layer of zstd in an image of Docker's format");
  return oci::kOciZstdLayer;
}

}  // namespace

std::unique_ptr<oci::Artifact> build_image(PackedLayer layer, const Labels& labels,
                                           ImageFormat format,
                                           const std::optional<ImageSettings>& settings,
                                           const std::map<std::string, std::string>& annotations) {
  const bool is_oci = format == ImageFormat::kOci;
  oci::ArtifactParts parts{
      .media_type = std::string(is_oci ? oci::kOciManifest : oci::kDockerManifest),
      .config_type = std::string(is_oci ? oci::kOciConfig : oci::kDockerConfig),
      .config = encode_image_config(layer.diff_id, labels, settings),
      .layers = {},
      .annotations = annotations};
  parts.layers.push_back(
      {std::string(layer_type(layer.compression, format)), layer.digest, std::move(layer.content)});
  return std::make_unique<oci::Artifact>(std::move(parts));
}

}  // namespace tote::bundle
