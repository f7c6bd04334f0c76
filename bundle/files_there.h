// The blobs of an OCI image layout directory that may not be there yet, or not be whole.
#pragma once

#include "archive/file_set.h"
#include "oci/store.h"

#include <filesystem>
#include <memory>

namespace tote::bundle {

// To look at, and to read what layers are made of; knows no images and makes nothing. Thread-safe.
class FilesThere final : public oci::ImageReader, public oci::BlobWriter {
 public:
  // Without a directory of that name there are none.
  explicit FilesThere(const std::filesystem::path& layout);

  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override;

 private:
  std::optional<archive::FilePlace> find(const oci::Descriptor& blob) const;

  std::unique_ptr<archive::FileSet> files_;  // null: there is no such directory
};

}  // namespace tote::bundle
