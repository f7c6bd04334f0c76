#include "oci/contents.h"

#include <algorithm>

namespace tote::oci {

const RawManifest* Contents::find_manifest(const Digest& digest) const noexcept {
  const auto found = std::find_if(manifests.begin(), manifests.end(), [&](const auto& manifest) {
    return manifest.descriptor.digest == digest;
  });
  return found == manifests.end() ? nullptr : &*found;
}

const CarriedConfig* Contents::find_config(const Digest& digest) const noexcept {
  const auto found = std::lower_bound(configs.begin(), configs.end(), digest,
                                      [](const CarriedConfig& config, const Digest& wanted) {
                                        return config.blob.digest < wanted;
                                      });
  return found == configs.end() || found->blob.digest != digest ? nullptr : &*found;
}

}  // namespace tote::oci
