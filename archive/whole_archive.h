// An archive as one place, wherever its images came from.
#pragma once

#include "archive/archive.h"
#include "oci/store.h"

namespace tote::archive {

// Everything by digest, nothing by tag. Thread-safe. The archive must outlive it.
class WholeArchive final : public oci::ImageReader {
 public:
  explicit WholeArchive(const Archive& archive) : archive_(archive) {}

  std::optional<oci::Descriptor> resolve(std::string_view digest, std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  oci::ManifestPtr find(std::string_view digest) const;

  const Archive& archive_;
};

}  // namespace tote::archive
