#include "bundle/build_image.h"

#include "oci/media_types.h"

#include <utility>

namespace tote::bundle {

std::unique_ptr<oci::Artifact> build_image(PackedLayer layer, const Labels& labels,
                                           ImageFormat format,
                                           const std::optional<ImageSettings>& settings) {
  const bool is_oci = format == ImageFormat::kOci;
  oci::ArtifactParts parts{
      .media_type = std::string(is_oci ? oci::kOciManifest : oci::kDockerManifest),
      .config_type = std::string(is_oci ? oci::kOciConfig : oci::kDockerConfig),
      .config = encode_image_config(layer.diff_id, labels, settings),
      .layers = {}};
  parts.layers.push_back({std::string(is_oci ? oci::kOciGzipLayer : oci::kDockerLayer),
                          layer.digest, std::move(layer.content)});
  return std::make_unique<oci::Artifact>(std::move(parts));
}

}  // namespace tote::bundle
