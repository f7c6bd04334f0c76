// Writing an archive: laid out first, then filled in place, in any order and by several threads.
#pragma once

#include "archive/archive_layout.h"
#include "archive/archive_part.h"
#include "archive/earlier_layers.h"
#include "base/mutex.h"
#include "base/task_group.h"
#include "oci/store.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::archive {

// How large the files are to be that an archive is cut into; 0: it is one.
struct SplitOptions {
  std::uint64_t volume_size = 0;
  std::uint32_t parity = 0;  // files for each group (archive/volume_geometry.h)
};

enum class Compression { kNone, kZstd };

struct ArchiveWriterOptions {
  ArchiveFormat format = ArchiveFormat::kImgpkg;
  bool resume = false;  // take layers from FILE and from the part of a run that failed
  // When abandoned with a layer, or with 1 MiB of one, for a later resume.
  bool keep_part = false;
  std::string images_lock = {};  // as of encode_layout_index()
  Delta delta = {};              // as of lay_out()
  SplitOptions volumes = {};
  Compression compression = Compression::kNone;  // kZstd: REQUIRES: it is one file
};

// Everything goes into FILE.part, if it is compressed by way of FILE.part.tar; FILE, or what it
// links to, is untouched until finish() renames that; or into FILE.001.part and so on, if it is
// split. Manifests and configs are part of the layout, so only layers are uploaded.
class ArchiveWriter final : public oci::BlobWriter {
 public:
  // Whether writing an archive to `path` would touch `file`, or something in that directory.
  static bool would_write(const std::filesystem::path& file, const std::filesystem::path& path);

  // Looks for free space at once, so that a disk which is too small is noticed before any transfer;
  // takes it as content comes.
  // Throws Error{kIo} that begins "Creating file 'P'"; when resuming, Error that begins "Reading
  // previously created tar 'P'" if there is a FILE but no archive.
  ArchiveWriter(const std::filesystem::path& path, const oci::Contents& contents,
                ArchiveWriterOptions options = {});
  ~ArchiveWriter() override;  // without finish(): the part is removed, unless it is to be kept

  // When resuming: fills in what earlier runs left, each layer verified, in parallel on `pool`.
  // Returns how many layers need no transfer now; nullopt: there was no earlier run.
  std::optional<std::size_t> reuse_layers(ThreadPool& pool, std::stop_token stop);
  // Whether abandoning this now would keep the part.
  bool is_worth_keeping() const;

  // False for layers that are not there yet; true for all that the layout holds already.
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override;

  // Where a layer's content lies in what is written; 0: it is no layer.
  std::uint64_t offset_of(const oci::Digest& blob) const;

  // All layers are there: syncs and gives the file its name. Error{kInternal} if one is missing.
  void finish();

 private:
  void find_earlier_files();
  const EarlierLayers& add_earlier_file(const std::filesystem::path& path);
  void add_earlier_volumes();
  std::filesystem::path next_old_part() const;
  bool is_split() const noexcept { return options_.volumes.volume_size > 0; }
  bool is_compressed() const noexcept { return options_.compression == Compression::kZstd; }
  std::shared_ptr<ArchivePart> open_part() const;
  void create();
  void set_part_aside();
  bool part_has_this_layout() const;
  void write_layout();
  void reuse(const oci::Descriptor& layer, const std::stop_token& stop);
  bool try_in_place(const oci::Descriptor& layer, const std::stop_token& stop);
  // `found`: so much of it may be there.
  std::unique_ptr<oci::Upload> upload_behind(std::uint64_t found, const oci::Descriptor& blob,
                                             const std::stop_token& stop);
  void mark_done(const oci::Digest& layer, const std::stop_token& stop);
  bool is_done(const oci::Digest& layer) const;

  std::filesystem::path path_;
  std::filesystem::path part_path_;
  std::vector<std::filesystem::path> old_parts_;  // of other contents, until finish()
  ArchiveWriterOptions options_;
  ArchiveLayout layout_;
  std::shared_ptr<ArchivePart> part_;
  std::vector<EarlierLayers> earlier_;  // other files that layers may be taken from
  bool continues_part_ = false;
  std::atomic<bool> has_begun_ = false;  // content may have come
  mutable Mutex mutex_;
  std::set<oci::Digest> done_ TOTE_GUARDED_BY(mutex_);  // layers that are there
};

}  // namespace tote::archive
