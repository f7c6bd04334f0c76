#include "testregistry/storage/local_files.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kSmall = 4096;  // asking for the size would cost more

bool is_absence(int error) {
  return error == ENOENT || error == ENOTDIR;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

FilePtr try_open(const std::string& path) {
  FilePtr file = File::try_open(path, O_RDONLY);
  if (file || is_absence(errno)) return file;
  throw io_error(fmt::format("open {}", path));
}

std::optional<std::string> try_read(const std::string& path, std::uint64_t limit) {
  const FilePtr file = try_open(path);
  if (!file) return std::nullopt;
  std::string text(limit <= kSmall ? limit : std::min(limit, file->size()), '\0');
  text.resize(file->read_at(std::as_writable_bytes(std::span(text)), 0));
  return text;
}

std::optional<Content> try_content(const std::string& path) {
  FilePtr file = try_open(path);
  if (!file) return std::nullopt;
  const std::uint64_t size = file->size();
  return FileRange{std::move(file), 0, size};
}

std::optional<struct stat> try_stat(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return info;
  if (is_absence(errno)) return std::nullopt;
  throw io_error(fmt::format("stat {}", path));
}

bool try_unlink(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (is_absence(errno)) return false;
  throw io_error(fmt::format("remove {}", path));
}

bool touch(const std::string& path) {
  // Not UTIME_NOW: the kernel's own clock lags some milliseconds behind.
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[2] = {now, now};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0) return true;
  // Who may write to a file that is another's may set it to now, and to nothing else.
  if (errno == EPERM && ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0) return true;
  if (is_absence(errno)) return false;
  throw io_error(fmt::format("touch {}", path));
}

std::chrono::system_clock::time_point written_at(const struct stat& info) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(info.st_mtim.tv_sec) +
          std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
}

void for_each_name(const std::string& directory,
                   const std::function<void(const std::string& name)>& visit) {
  const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
  if (!open) {
    if (is_absence(errno)) return;
    throw io_error(fmt::format("list {}", directory));
  }
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());
    // A list that ends early would look like things that have gone.
    if (entry == nullptr && errno != 0) throw io_error(fmt::format("list {}", directory));
    if (entry == nullptr) return;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") visit(std::string(name));
  }
}

}  // namespace tote::testregistry
