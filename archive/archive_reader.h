// Reading an archive in place: indexed once, then answered with ranged reads.
#pragma once

#include "base/file.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace tote::archive {

// An uncompressed tar of imgpkg's or of ours. Thread-safe. Everything in it is untrusted: what it
// calls a manifest or config is checked when it is opened, layers as they are read.
class ArchiveReader final : public oci::ImageReader {
 public:
  // Throws Error{kIo} when the file can not be read, Error{kParse} when it is no such archive:
  // damaged, cut short, or with an entry whose name leads out of it.
  explicit ArchiveReader(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }
  // `layers` holds all that the manifests name, also those that are not in the archive.
  const oci::Contents& contents() const noexcept { return contents_; }

  // Where a layer lies in the file; nullopt: the archive does not have it.
  struct Place {
    std::uint64_t offset;
    std::uint64_t size;
  };
  std::optional<Place> locate(const oci::Digest& layer) const;
  const std::shared_ptr<const UniqueFd>& file() const noexcept { return file_; }

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::RawManifest fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  using Entry = Place;

  void open();
  void index();
  const Entry& at(const std::string& name) const;
  std::string read_entry(const Entry& entry, std::uint64_t limit, std::string_view what) const;
  std::optional<std::string> find_blob(const oci::Digest& digest) const;

  std::filesystem::path path_;
  std::shared_ptr<const UniqueFd> file_;
  std::map<std::string, Entry> entries_;
  oci::Contents contents_;
};

}  // namespace tote::archive
