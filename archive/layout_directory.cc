#include "archive/layout_directory.h"

#include "archive/oci_layout.h"
#include "base/directory.h"
#include "base/error.h"
#include "base/temporary_file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <random>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;
constexpr int kModeBits = 07777;
// What the names of blobs on their way begin with; uploads of a registry have other names.
constexpr const char* kPassing = "blob-";
constexpr const char* kNewIndex = "index-";
constexpr const char* kPassingBefore = ".upload-";  // up to 0.1.0, beside the blobs

UniqueFd open_locked(const fs::path& directory, int operation) {
  UniqueFd lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) throw io_error(fmt::format("open {}", directory.string()));
  int result = 0;
  do result = ::flock(lock.get(), operation);
  while (result != 0 && errno == EINTR);
  if (result == 0) return lock;
  if (errno == EWOULDBLOCK) return {};
  throw io_error(fmt::format("lock {}", directory.string()));
}

void make_directories(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed)
    throw Error(ErrorKind::kIo,
                fmt::format("mkdir {}: {}", path.string(), to_lower(failed.message())));
}

// nullopt: there is nothing.
std::optional<struct stat> look_at(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return info;
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw io_error(fmt::format("stat {}", path.string()));
}

bool has_file(const fs::path& directory, const char* name) {
  const auto info = look_at(directory / name);
  if (info && !S_ISREG(info->st_mode))
    throw Error(ErrorKind::kUsage, fmt::format("its '{}' is no regular file", name))
        .with_hint("nothing is written through a symbolic link inside a layout");
  return info.has_value();
}

void expect_directory(const fs::path& directory, const char* name) {
  const auto info = look_at(directory / name);
  if (info && !S_ISDIR(info->st_mode))
    throw Error(ErrorKind::kUsage, fmt::format("its '{}' is no directory", name))
        .with_hint("nothing is written through a symbolic link inside a layout");
}

std::string first_other_name(const fs::path& directory) {
  for (const DirectoryEntry& entry : list_directory(directory.string()))
    if (entry.name != "blobs" && entry.name != kIngest) return entry.name;
  return {};
}

// Whoever makes it a layout at the same time writes oci-layout first, so it is looked for again.
void expect_no_other_content(const fs::path& directory) {
  const std::string name = first_other_name(directory);
  if (!name.empty() && !has_file(directory, kOciLayout))
    throw Error(ErrorKind::kUsage, fmt::format("it is no OCI image layout, but has a '{}'", name));
}

void check_content(const fs::path& directory) {
  if (has_file(directory, kOciLayout))
    check_layout_version(read_file(directory / kOciLayout, kMaxOciLayout));
  if (has_file(directory, kIndexJson))
    merge_layout_index(read_file(directory / kIndexJson, kMaxMetadata), {});
  for (const char* name : {"blobs", "blobs/sha256", "blobs/sha512", kIngest})
    expect_directory(directory, name);
}

void write_new(const fs::path& directory, const char* name, std::string_view text, mode_t mode) {
  const fs::path target = directory / name;
  make_directories(directory / kIngest);
  TemporaryFile file((directory / kIngest / kNewIndex).string(), 0600, target.string());
  file.file()->write(as_bytes(text));
  file.file()->sync();
  file.set_mode(mode);
  file.rename_to(target);
}

bool is_still(const FilePtr& file, const fs::path& path) {
  const struct stat mine = file->status();
  const auto there = look_at(path);
  return there && there->st_ino == mine.st_ino && there->st_dev == mine.st_dev;
}

// Null: somebody else has it.
FilePtr try_open_passing(const fs::path& path) {
  for (;;) {
    FilePtr file = File::open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (!S_ISREG(file->status().st_mode))
      throw Error(ErrorKind::kIo, fmt::format("open {}: it is no regular file", path.string()));
    if (::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) return nullptr;
    // Whoever had it may have given it its name just now.
    if (is_still(file, path)) return file;
  }
}

void remove_named(const fs::path& directory, std::initializer_list<std::string_view> beginnings) {
  if (!look_at(directory)) return;
  for (const DirectoryEntry& entry : list_directory(directory.string()))
    for (const std::string_view beginning : beginnings)
      if (entry.name.starts_with(beginning)) ::unlink((directory / entry.name).c_str());
}

}  // namespace

UniqueFd lock_layout(const fs::path& directory, LayoutUse use) {
  const bool is_alone = use == LayoutUse::kRemoving;
  UniqueFd lock = open_locked(directory, is_alone ? LOCK_EX | LOCK_NB : LOCK_SH);
  if (!lock) throw Error(ErrorKind::kIo, "another process is writing there");
  return lock;
}

bool try_change_use(const UniqueFd& lock, LayoutUse use) {
  const int operation = use == LayoutUse::kRemoving ? LOCK_EX : LOCK_SH;
  if (::flock(lock.get(), operation | LOCK_NB) == 0) return true;
  // flock(2) gives the old one back before it asks for the new one.
  while (::flock(lock.get(), LOCK_SH) != 0)
    if (errno != EINTR) throw io_error("lock a layout");
  return false;
}

void prepare_layout(const fs::path& directory) {
  make_directories(directory);
  if (!has_file(directory, kOciLayout)) expect_no_other_content(directory);
  check_content(directory);
  make_directories(directory / "blobs" / "sha256");
}

void expect_layout(const fs::path& directory) {
  if (!has_file(directory, kOciLayout) || !has_file(directory, kIndexJson))
    throw Error(ErrorKind::kParse, "it is a directory without the files oci-layout and index.json");
  check_content(directory);
}

std::string change_index(const fs::path& directory, const ChangeIndex& change) {
  const UniqueFd lock = open_locked(directory / "blobs", LOCK_EX);
  std::optional<std::string> present;
  mode_t mode = kMode;
  if (has_file(directory, kIndexJson)) {
    const FilePtr file = File::open(directory / kIndexJson, O_RDONLY | O_NOFOLLOW);
    mode = file->status().st_mode & kModeBits;
    present = read_file(directory / kIndexJson, kMaxMetadata);
  }
  std::string text = change(present);
  if (!has_file(directory, kOciLayout)) write_new(directory, kOciLayout, kOciLayoutText, kMode);
  if (text == present) return text;
  write_new(directory, kIndexJson, text, mode);
  sync_directory(directory);
  return text;
}

FilePtr open_passing_blob(const fs::path& directory, const std::string& algorithm,
                          const std::string& hex, fs::path& path) {
  make_directories(directory / "blobs" / algorithm);
  make_directories(directory / kIngest);
  path = directory / kIngest / fmt::format("{}{}-{}", kPassing, algorithm, hex);
  if (FilePtr file = try_open_passing(path)) return file;
  std::random_device random;
  for (;;) {
    const fs::path other = fmt::format("{}-{:08x}", path.string(), random());
    if (FilePtr file = try_open_passing(other)) {
      path = other;
      return file;
    }
  }
}

void remove_passing_blobs(const fs::path& directory) {
  remove_named(directory / kIngest, {kPassing, kNewIndex});
  for (const char* algorithm : {"sha256", "sha512"})
    remove_named(directory / "blobs" / algorithm, {kPassingBefore});
  ::rmdir((directory / kIngest).c_str());  // if nothing else is in it
}

}  // namespace tote::archive
