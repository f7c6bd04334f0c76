// An image made here of one layer, as a place that it can be copied from.
#pragma once

#include "bundle/image_config.h"
#include "bundle/layer_packer.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <memory>
#include <optional>
#include <string>

namespace tote::bundle {

// The media types of a manifest, its config and its layer. In layouts skopeo (1.9) and umoci find
// no images of Docker's.
enum class ImageFormat { kDocker, kOci };

class BuiltImage final : public oci::ImageReader {
 public:
  // What has Docker's format and no settings is imgpkg's: no times, nothing of the machine.
  BuiltImage(PackedLayer layer, const Labels& labels, ImageFormat format = ImageFormat::kDocker,
             const std::optional<ImageSettings>& settings = std::nullopt);

  const oci::Digest& digest() const noexcept { return manifest_->digest(); }
  // What is to be copied, with `repository` as the place it is read from.
  oci::Contents contents(const oci::Repository& repository, const std::string& tag) const;

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  Spool layer_;
  oci::Descriptor layer_descriptor_;
  std::string config_;
  oci::Descriptor config_descriptor_;
  oci::ManifestPtr manifest_;
};

}  // namespace tote::bundle
