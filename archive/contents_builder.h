// Putting together what an archive holds, whatever its format.
#pragma once

#include "oci/contents.h"

#include <map>

namespace tote::archive {

// Indexes in indexes, and no further.
inline constexpr int kMaxNesting = 16;

// Each manifest, config and layer once, however often it is added. Not thread-safe.
class ContentsBuilder {
 public:
  void add_image(oci::CarriedImage image) { contents_.images.push_back(std::move(image)); }
  // Children have to come before the indexes that name them.
  const oci::RawManifest& add_manifest(oci::RawManifest manifest);
  void add_config(const oci::CarriedConfig& config);
  void add_blob(const oci::Descriptor& blob, const oci::Repository& repository);
  void add_layers(const oci::ImageManifest& image, const oci::Repository& repository);

  bool has_config(const oci::Digest& digest) const { return configs_.contains(digest); }
  const oci::RawManifest* find_manifest(const oci::Digest& digest) const {
    return contents_.manifests.find(digest);
  }

  const oci::ManifestList& manifests() const { return contents_.manifests; }

  // Everything in its order. Ends the builder.
  oci::Contents finish();

 private:
  oci::Contents contents_;
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
};

}  // namespace tote::archive
