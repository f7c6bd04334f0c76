// An image or another artifact that is made here, as a place that it can be copied from.
#pragma once

#include "base/spool.h"
#include "oci/contents.h"
#include "oci/manifest_json.h"
#include "oci/store.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::oci {

struct ArtifactLayer {
  std::string media_type;
  Digest digest;  // of the content
  Spool content;
  std::map<std::string, std::string> annotations = {};  // in the manifest
};

struct ArtifactParts {
  std::string media_type;  // of the manifest
  std::string config_type;
  std::string config;  // its bytes
  std::vector<ArtifactLayer> layers;
  DescriptorOrder order = DescriptorOrder::kSizeFirst;
  std::string artifact_type = {};          // empty: it is an image
  std::optional<Descriptor> subject = {};  // what it is about
  std::map<std::string, std::string> annotations = {};
  bool leaves_type_out = false;  // as ManifestNotes::leaves_type_out
};

// Thread-safe.
class Artifact final : public ImageReader {
 public:
  explicit Artifact(ArtifactParts parts);

  const ManifestPtr& manifest() const noexcept { return manifest_; }
  const Digest& digest() const noexcept { return manifest_->digest(); }
  // What is to be copied: the artifact once under each of the tags, with `repository` as the place
  // it is read from. REQUIRES: at least one tag, which may be empty
  Contents contents(const Repository& repository, const std::vector<std::string>& tags) const;

  std::optional<Descriptor> resolve(std::string_view tag_or_digest, std::stop_token stop) override;
  ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  const ArtifactLayer* find_layer(const Digest& digest) const noexcept;

  const ArtifactParts parts_;
  const ManifestPtr manifest_;
};

}  // namespace tote::oci
