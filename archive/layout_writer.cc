#include "archive/layout_writer.h"

#include "archive/file_set.h"
#include "archive/file_upload.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;

// A file under a passing name; goes when it is not given its own.
class PassingFile {
 public:
  explicit PassingFile(const fs::path& directory) : path_(directory / ".upload-XXXXXX") {
    std::string name = path_.string();
    file_ = std::make_shared<const UniqueFd>(::mkostemp(name.data(), O_CLOEXEC));
    if (!*file_) throw io_error(fmt::format("open {}", name));
    path_ = name;
  }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  ~PassingFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const std::shared_ptr<const UniqueFd>& file() const { return file_; }

  void rename_to(const fs::path& target) {
    if (::fchmod(file_->get(), kMode) != 0) throw io_error(fmt::format("chmod {}", path_.string()));
    if (std::rename(path_.c_str(), target.c_str()) != 0)
      throw io_error(fmt::format("rename {}", target.string()));
    path_.clear();
  }

 private:
  fs::path path_;
  std::shared_ptr<const UniqueFd> file_;
};

void make_directories(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed)
    throw Error(ErrorKind::kIo, fmt::format("mkdir {}: {}", path.string(), failed.message()));
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path, kMode);
  file.write(as_bytes(text));
  file.finish();
}

}  // namespace

LayoutWriter::LayoutWriter(const fs::path& directory) : directory_(directory) {
  while_doing([&] { return fmt::format("Creating layout '{}'", directory_.string()); },
              [&] {
                make_directories(directory_);
                refuse_other_content();
                lock_ = UniqueFd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
                if (!lock_) throw io_error("open");
                if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
                  throw Error(ErrorKind::kIo, "another process is writing there");
              });
}

// What a run that broke has left is only blobs/.
void LayoutWriter::refuse_other_content() const {
  if (fs::exists(directory_ / kOciLayout)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_))
    if (entry.path().filename() != "blobs")
      throw Error(ErrorKind::kUsage, fmt::format("it is no OCI image layout, but has a '{}'",
                                                 entry.path().filename().string()));
}

fs::path LayoutWriter::path_of(const oci::Digest& digest) const {
  return directory_ / blob_path(digest);
}

bool LayoutWriter::has_blob(const oci::Descriptor& blob, std::stop_token) {
  const auto found = open_directory(directory_)->find(blob_path(blob.digest));
  return found && found->size == blob.size && holds(found->file, 0, blob);
}

std::optional<oci::Descriptor> LayoutWriter::resolve(std::string_view, std::stop_token) {
  return std::nullopt;
}

bool LayoutWriter::try_mount(const oci::Descriptor&, const oci::Repository&, std::stop_token) {
  return false;
}

std::unique_ptr<oci::Upload> LayoutWriter::begin_upload(const oci::Descriptor& blob,
                                                        std::string_view, std::stop_token) {
  const fs::path target = path_of(blob.digest);
  make_directories(target.parent_path());
  const auto passing = std::make_shared<PassingFile>(target.parent_path());
  return std::make_unique<FileUpload>(passing->file(), 0, blob,
                                      [passing, target] { passing->rename_to(target); });
}

void LayoutWriter::push_manifest(const oci::RawManifest& manifest, std::string_view,
                                 std::stop_token stop) {
  if (has_blob(manifest.descriptor, stop)) return;
  const auto upload = begin_upload(manifest.descriptor, {}, stop);
  oci::VerifyingSource content(std::make_unique<StringSource>(manifest.bytes), manifest.descriptor);
  upload->append(content, manifest.descriptor.size);
  upload->commit();
}

void LayoutWriter::finish(const oci::Contents& contents) {
  const auto present = open_directory(directory_)->read(kIndexJson, kMaxMetadata);
  const std::string index =
      present ? merge_layout_index(*present, contents) : encode_layout_index(contents);
  if (::syncfs(lock_.get()) != 0) throw io_error(fmt::format("sync {}", directory_.string()));
  write_file(directory_ / kOciLayout, kOciLayoutText);
  write_file(directory_ / kIndexJson, index);
}

}  // namespace tote::archive
