// An image made here of one layer of files.
#pragma once

#include "bundle/image_config.h"
#include "bundle/layer_packer.h"
#include "oci/artifact.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tote::bundle {

// The media types of a manifest, its config and its layer. In layouts skopeo (1.9) and umoci find
// no images of Docker's.
enum class ImageFormat { kDocker, kOci };

// Annotations are of OCI's format alone. What has Docker's format and no settings is imgpkg's: no
// times, nothing of the machine.
std::unique_ptr<oci::Artifact> build_image(
    PackedLayer layer, const Labels& labels, ImageFormat format = ImageFormat::kDocker,
    const std::optional<ImageSettings>& settings = std::nullopt,
    const std::map<std::string, std::string>& annotations = {});

}  // namespace tote::bundle
