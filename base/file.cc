#include "base/file.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote {
namespace {

constexpr mode_t kModeBits = 07777;

// "data size" of one call to the kernel: a signal may cut it short, never fail it.
template <class Call>
ssize_t retry_interrupted(Call call) {
  for (;;) {
    const ssize_t n = call();
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void UniqueFd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

UniqueFd open_for_reading(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw io_error(fmt::format("open {}", path.string()));
  return fd;
}

std::uint64_t file_size(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw io_error("stat");
  return static_cast<std::uint64_t>(info.st_size);
}

std::size_t read_at(int fd, MutableBytes out, std::uint64_t offset) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t n = retry_interrupted([&] {
      return ::pread(fd, out.data() + filled, out.size() - filled,
                     static_cast<off_t>(offset + filled));
    });
    if (n < 0) throw io_error("read");
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  return filled;
}

void write_at(int fd, ConstBytes data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t n = retry_interrupted(
        [&] { return ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset)); });
    if (n < 0) throw io_error("write");
    data = data.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void write_all(int fd, ConstBytes data) {
  while (!data.empty()) {
    const ssize_t n = retry_interrupted([&] { return ::write(fd, data.data(), data.size()); });
    if (n < 0) throw io_error("write");
    data = data.subspan(static_cast<std::size_t>(n));
  }
}

void sync_file(int fd, std::string_view name) {
  // EINVAL, EROFS: a pipe or a special file has nothing to sync.
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
    throw io_error(fmt::format("sync {}", name));
}

void sync_directory(const std::filesystem::path& directory) {
  const UniqueFd fd = open_for_reading(directory.empty() ? "." : directory);
  sync_file(fd.get(), directory.string());
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit) {
  auto file = std::make_shared<const UniqueFd>(open_for_reading(path));
  std::string text;
  std::string chunk(64 * 1024, '\0');
  for (;;) {
    const ssize_t n =
        retry_interrupted([&] { return ::read(file->get(), chunk.data(), chunk.size()); });
    if (n < 0) throw io_error(fmt::format("read {}", path.string()));
    if (n == 0) return text;
    text.append(chunk, 0, static_cast<std::size_t>(n));
    if (text.size() > limit)
      throw Error(ErrorKind::kParse,
                  fmt::format("{} is larger than {} bytes", path.string(), limit));
  }
}

std::size_t FileSource::read_some(MutableBytes out) {
  if (left_ == 0) return 0;
  if (out.size() > left_) out = out.first(static_cast<std::size_t>(left_));
  const std::size_t n = read_at(file_->get(), out, offset_);
  if (n == 0) throw Error(ErrorKind::kIo, "read: the file is shorter than it was");
  offset_ += n;
  left_ -= n;
  return n;
}

std::filesystem::path follow_links(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::path real = std::filesystem::canonical(path, ignored);
  return real.empty() ? path : real;
}

std::filesystem::path real_path(const std::filesystem::path& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  std::filesystem::path real = std::filesystem::weakly_canonical(absolute, failed);
  return failed ? absolute.lexically_normal() : real;
}

bool is_same_or_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const std::filesystem::path below = real_path(path);
  const std::filesystem::path above = real_path(directory);
  return std::mismatch(above.begin(), above.end(), below.begin(), below.end()).first == above.end();
}

AtomicFile::AtomicFile(const std::filesystem::path& path, mode_t mode) : path_(follow_links(path)) {
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  // What /dev/stdout leads to is open elsewhere: a new file of its name would not be seen there.
  const bool is_open_elsewhere =
      path.native().starts_with("/dev/") || path.native().starts_with("/proc/");
  if (exists && (is_open_elsewhere || !S_ISREG(info.st_mode))) {
    file_ = UniqueFd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file_) throw io_error(fmt::format("open {}", path.string()));
    return;
  }
  temporary_ = path_.string() + ".XXXXXX";
  file_ = UniqueFd(::mkostemp(temporary_.data(), O_CLOEXEC));
  if (!file_) {
    temporary_.clear();
    throw io_error(fmt::format("open {}", path.string()));
  }
  if (::fchmod(file_.get(), exists ? info.st_mode & kModeBits : mode) != 0) {
    const Error failure = io_error(fmt::format("chmod {}", path.string()));
    ::unlink(temporary_.c_str());  // the destructor will not run
    throw failure;
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(ConstBytes data) {
  while_doing([&] { return path_.string(); }, [&] { write_all(file_.get(), data); });
}

void AtomicFile::finish() {
  sync_file(file_.get(), path_.string());
  file_.reset();
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw io_error(fmt::format("rename {}", path_.string()));
  temporary_.clear();
  sync_directory(path_.parent_path());
}

}  // namespace tote
