// The config of images that are built here (OCI image specification 1.1: config.md).
#pragma once

#include "bundle/image_settings.h"
#include "oci/digest.h"

#include <map>
#include <optional>
#include <string>

namespace tote::bundle {

using Labels = std::map<std::string, std::string>;

// Members in the order in which Go writes them. Without settings it is imgpkg's, byte for byte: for
// no platform, of no time.
std::string encode_image_config(const oci::Digest& diff_id, const Labels& labels,
                                const std::optional<ImageSettings>& settings);

}  // namespace tote::bundle
