#include "archive/layout_writer.h"

#include "archive/file_upload.h"
#include "archive/layout_upkeep.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/temporary_file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;

// What the names of files begin with that have none of their own; behind it stands the digest of a
// blob that is on its way.
constexpr const char* kPassing = ".upload-";

void make_directories(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed)
    throw Error(ErrorKind::kIo,
                fmt::format("mkdir {}: {}", path.string(), to_lower(failed.message())));
}

// None if there is no such directory.
std::vector<fs::path> names_in(const fs::path& directory) {
  std::vector<fs::path> names;
  std::error_code failed;
  fs::directory_iterator entry(directory, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed))
    names.push_back(entry->path().filename());
  if (failed && failed != std::errc::no_such_file_or_directory)
    throw Error(ErrorKind::kIo,
                fmt::format("list {}: {}", directory.string(), to_lower(failed.message())));
  return names;
}

// What runs that broke have left and this one had no use for; nobody else is at work in there.
void remove_passing_files(const fs::path& directory) {
  for (const fs::path& name : names_in(directory))
    if (name.string().starts_with(kPassing)) ::unlink((directory / name).c_str());
}

std::string first_other_name(const fs::path& directory) {
  for (const fs::path& name : names_in(directory))
    if (name != "blobs") return name.string();
  return {};
}

}  // namespace

LayoutWriter::LayoutWriter(const fs::path& directory) : directory_(directory) {
  while_doing([&] { return fmt::format("Creating layout '{}'", directory_.string()); },
              [&] {
                make_directories(directory_);
                lock_ = lock_layout(directory_);
                files_ = open_directory(directory_);
                look_around();
              });
}

// What a run that broke has left is only blobs/.
void LayoutWriter::look_around() {
  if (!files_->find(kOciLayout)) {
    if (const std::string name = first_other_name(directory_); !name.empty())
      throw Error(ErrorKind::kUsage,
                  fmt::format("it is no OCI image layout, but has a '{}'", name));
  } else if (const auto index = files_->read(kIndexJson, kMaxMetadata)) {
    merge_layout_index(*index, {});  // refuses one that can not be added to
  }
  make_directories(directory_ / "blobs" / "sha256");
}

fs::path LayoutWriter::path_of(const oci::Digest& digest) const {
  return directory_ / blob_path(digest);
}

bool LayoutWriter::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  const auto found = files_->find(blob_path(blob.digest));
  return found && found->size == blob.size && holds(found->bytes, 0, blob, stop);
}

std::unique_ptr<oci::Upload> LayoutWriter::begin_upload(const oci::Descriptor& blob,
                                                        std::stop_token stop) {
  const fs::path target = path_of(blob.digest);
  make_directories(target.parent_path());
  const fs::path aside = target.parent_path() / (kPassing + blob.digest.hex());
  const FilePtr file = File::open(aside, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  const std::uint64_t found = file->size();
  // It was meant for this blob, as its name says, but who knows.
  if (found > blob.size && ::ftruncate(file->fd(), 0) != 0)
    throw io_error(fmt::format("cut {}", aside.string()));
  return std::make_unique<FileUpload>(
      file, 0, blob, found > blob.size ? 0 : found,
      [file, aside, target] {
        if (::fchmod(file->fd(), kMode) != 0)
          throw io_error(fmt::format("chmod {}", aside.string()));
        rename_file(aside, target);
      },
      std::move(stop));
}

void LayoutWriter::finish(const oci::Contents& contents, const std::string& images_lock) {
  const auto present = files_->read(kIndexJson, kMaxMetadata);
  const std::string index = present ? merge_layout_index(*present, contents, images_lock)
                                    : encode_layout_index(contents, images_lock);
  if (::syncfs(lock_.get()) != 0) throw io_error(fmt::format("sync {}", directory_.string()));
  put_file(kOciLayout, kOciLayoutText);
  put_file(kIndexJson, index);
  sync_directory(directory_);
  for (const char* algorithm : {"sha256", "sha512"})
    remove_passing_files(directory_ / "blobs" / algorithm);
}

void LayoutWriter::put_file(const char* name, std::string_view text) {
  const fs::path target = directory_ / name;
  TemporaryFile file((directory_ / "blobs" / "sha256" / kPassing).string(), 0600, target.string());
  file.file()->write(as_bytes(text));
  file.file()->sync();
  file.set_mode(kMode);
  file.rename_to(target);
}

}  // namespace tote::archive
