#include "base/file.h"

#include "base/disk.h"
#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote {

FilePtr File::try_open(const std::string& path, int flags, mode_t mode) {
  UniqueFd fd(disk_call(DiskStep::kOpen, path,
                        [&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
  return fd ? std::make_shared<const File>(std::move(fd), path) : nullptr;
}

FilePtr File::open(const std::filesystem::path& path, int flags, mode_t mode) {
  FilePtr file = try_open(path, flags, mode);
  if (!file) throw io_error(fmt::format("open {}", path.string()));
  return file;
}

struct stat File::status() const {
  struct stat info {};
  if (::fstat(fd(), &info) != 0) throw io_error(fmt::format("stat {}", name_));
  return info;
}

std::uint64_t File::size() const {
  return static_cast<std::uint64_t>(status().st_size);
}

std::size_t File::read_at(MutableBytes out, std::uint64_t offset) const {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t n = disk_call(DiskStep::kRead, name_, [&] {
      return ::pread(fd(), out.data() + filled, out.size() - filled,
                     static_cast<off_t>(offset + filled));
    });
    if (n < 0) throw io_error(fmt::format("read {}", name_));
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  return filled;
}

void File::write_at(ConstBytes data, std::uint64_t offset) const {
  while (!data.empty()) {
    const ssize_t n = disk_call(DiskStep::kWrite, name_, [&] {
      return ::pwrite(fd(), data.data(), data.size(), static_cast<off_t>(offset));
    });
    if (n < 0) throw io_error(fmt::format("write {}", name_));
    data = data.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void File::write(ConstBytes data) const {
  while (!data.empty()) {
    const ssize_t n =
        disk_call(DiskStep::kWrite, name_, [&] { return ::write(fd(), data.data(), data.size()); });
    if (n < 0) throw io_error(fmt::format("write {}", name_));
    data = data.subspan(static_cast<std::size_t>(n));
  }
}

void File::sync() const {
  // EINVAL, EROFS: a pipe or a special file has nothing to sync.
  const int failed = disk_call(DiskStep::kSync, name_, [&] { return ::fsync(fd()); });
  if (failed != 0 && errno != EINVAL && errno != EROFS)
    throw io_error(fmt::format("sync {}", name_));
}

void File::begin_write_back() const noexcept {
  ::sync_file_range(fd(), 0, 0, SYNC_FILE_RANGE_WRITE);
}

FilePtr open_for_reading(const std::filesystem::path& path) {
  return File::open(path, O_RDONLY);
}

void sync_directory(const std::filesystem::path& directory) {
  open_for_reading(directory.empty() ? "." : directory)->sync();
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (disk_call(DiskStep::kRename, to.native(),
                [&] { return std::rename(from.c_str(), to.c_str()); }) != 0)
    throw io_error(fmt::format("rename {}", to.string()));
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit) {
  const FilePtr file = open_for_reading(path);
  std::string text;
  std::string chunk(64 * 1024, '\0');
  for (;;) {  // a pipe has no offsets
    const ssize_t n = disk_call(DiskStep::kRead, file->name(),
                                [&] { return ::read(file->fd(), chunk.data(), chunk.size()); });
    if (n < 0) throw io_error(fmt::format("read {}", path.string()));
    if (n == 0) return text;
    text.append(chunk, 0, static_cast<std::size_t>(n));
    if (text.size() > limit)
      throw Error(ErrorKind::kParse,
                  fmt::format("{} is larger than {} bytes", path.string(), limit));
  }
}

}  // namespace tote
