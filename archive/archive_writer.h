// Writing an archive: laid out first, then filled in place, in any order and by several threads.
#pragma once

#include "archive/archive_layout.h"
#include "base/file.h"
#include "oci/store.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace tote::archive {

// Everything goes into FILE.part; FILE is untouched until finish() renames that. Manifests and
// configs are part of the layout, so only layers are uploaded.
class ArchiveWriter final : public oci::ImageWriter {
 public:
  // Reserves the space at once, so that a disk which is too small is noticed before any transfer.
  // Throws Error{kIo} that begins "Creating file 'P'".
  ArchiveWriter(const std::filesystem::path& path, const oci::Contents& contents);
  ~ArchiveWriter() override;  // without finish(): the part is removed

  // False for layers; true for all that the layout holds already.
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  bool try_mount(const oci::Descriptor& blob, const oci::Repository& from,
                 std::stop_token stop) override;
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob, std::string_view state,
                                            std::stop_token stop) override;
  void push_manifest(const oci::RawManifest& manifest, std::string_view tag_or_digest,
                     std::stop_token stop) override;

  // All layers are there: syncs and gives the file its name. Error{kInternal} if one is missing.
  void finish();

 private:
  class LayerUpload;

  void create();
  void mark_done(const oci::Digest& digest);

  std::filesystem::path path_;
  std::filesystem::path part_path_;
  ArchiveLayout layout_;
  UniqueFd part_;
  std::mutex mutex_;
  std::set<oci::Digest> missing_;  // guarded by mutex_
};

}  // namespace tote::archive
