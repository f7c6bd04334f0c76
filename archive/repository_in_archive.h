// One repository of those that an archive's images were copied from.
#pragma once

#include "archive/archive_reader.h"

namespace tote::archive {

// Has the images that came from there, by digest or by the tag they are kept under, and the
// children of indexes, which are wherever their index is. Thread-safe. The archive must outlive it.
class RepositoryInArchive final : public oci::ImageReader {
 public:
  RepositoryInArchive(ArchiveReader& archive, oci::Repository name)
      : archive_(archive), name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::RawManifest fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  const oci::RawManifest* find(std::string_view tag_or_digest) const;
  bool has(const oci::Digest& digest) const;

  ArchiveReader& archive_;
  const oci::Repository name_;
};

}  // namespace tote::archive
