#include "archive/archive_part.h"

#include "base/error.h"
#include "base/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tote::archive {
namespace {

constexpr std::uint64_t kWriteBack = 16U << 20U;  // so much is written between two times

}  // namespace

// Between opening and locking, another process may have finished the file and given it its final
// name: then it is no part any more.
FilePtr open_part(const std::filesystem::path& path) {
  for (;;) {
    FilePtr part = File::open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666);
    if (::flock(part->fd(), LOCK_EX | LOCK_NB) != 0)
      throw Error(ErrorKind::kIo, fmt::format("another process is writing {}", path.string()));
    if (is_still_called(part->fd(), path)) return part;
  }
}

// A file system that does not say how large it is calls itself empty.
void expect_room(const File& file, std::uint64_t bytes) {
  struct statvfs disk {};
  const bool is_known = ::fstatvfs(file.fd(), &disk) == 0 && disk.f_blocks > 0 && disk.f_frsize > 0;
  if (!is_known || bytes / disk.f_frsize <= disk.f_bavail) return;
  errno = ENOSPC;
  throw io_error(fmt::format("make room for {} bytes", bytes));
}

void resize_file(const File& file, std::uint64_t size) {
  if (::ftruncate(file.fd(), static_cast<off_t>(size)) != 0)
    throw io_error(fmt::format("make room for {} bytes", size));
}

bool has_no_hole(const File& file, std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint64_t kBlock = 4096;  // the last one may be shared with what follows
  if (size <= kBlock) return true;
  const off_t hole = ::lseek(file.fd(), static_cast<off_t>(offset), SEEK_HOLE);
  return hole < 0 || static_cast<std::uint64_t>(hole) + kBlock > offset + size;
}

std::uint64_t bytes_before_hole(const File& file, std::uint64_t offset, std::uint64_t size) {
  const off_t hole = ::lseek(file.fd(), static_cast<off_t>(offset), SEEK_HOLE);
  return hole < 0 ? size : std::min(size, static_cast<std::uint64_t>(hole) - offset);
}

void throw_in_the_way(const std::filesystem::path& path) {
  throw Error(ErrorKind::kIo,
              fmt::format("{} is in the way: it is no archive that was begun", path.string()))
      .with_hint("remove it, or choose another name");
}

PlainPart::PlainPart(std::filesystem::path file)
    : path_(std::move(file)), file_(open_part(path_.string() + ".part")) {}

void PlainPart::write_at(ConstBytes data, std::uint64_t offset) const {
  file_->write_at(data, offset);
  const std::uint64_t before = written_.fetch_add(data.size(), std::memory_order_relaxed);
  if (before / kWriteBack != (before + data.size()) / kWriteBack) file_->begin_write_back();
}

void PlainPart::begin(std::uint64_t size) {
  expect_room(*file_, size);
  resize_file(*file_, size);
}

bool PlainPart::was_written(std::uint64_t offset, std::uint64_t size) const {
  return has_no_hole(*file_, offset, size);
}

std::uint64_t PlainPart::before_hole(std::uint64_t offset, std::uint64_t size) const {
  return bytes_before_hole(*file_, offset, size);
}

void PlainPart::finish() {
  file_->sync();
  rename_file(name(), path_);
}

void PlainPart::remove() noexcept {
  ::unlink(name().c_str());
}

}  // namespace tote::archive
