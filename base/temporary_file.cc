#include "base/temporary_file.h"

#include "base/disk.h"
#include "base/error.h"
#include "base/paths.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tote {
namespace {

constexpr mode_t kModeBits = 07777;
constexpr int kAttempts = 100;  // to find a name that nobody has

// The name behind `prefix` under which `make` could make something; empty, and errno, if it can
// not.
template <class Make>
std::string try_new_name(const std::string& prefix, Make make) {
  thread_local std::random_device random;  // to make one takes longer than to make a file
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path = fmt::format("{}{:08x}", prefix, random());
    if (make(path)) return path;
    if (errno != EEXIST) break;
  }
  return {};
}

// What /dev/stdout leads to is open elsewhere: a new file of its name would not be seen there.
bool is_open_elsewhere(const std::filesystem::path& path) {
  return path.native().starts_with("/dev/") || path.native().starts_with("/proc/");
}

void write_straight(const std::filesystem::path& path, std::string_view text) {
  const FilePtr file = File::open(path, O_WRONLY | O_APPEND);
  file->write(as_bytes(text));
  file->sync();
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& prefix, mode_t mode, std::string called) {
  UniqueFd fd;
  path_ = try_new_name(prefix, [&](const std::string& path) {
    fd = UniqueFd(disk_call(DiskStep::kOpen, called, [&] {
      return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }));
    return static_cast<bool>(fd);
  });
  if (!fd) throw io_error(fmt::format("open {}", called));
  file_ = std::make_shared<const File>(std::move(fd), std::move(called));
}

void TemporaryFile::set_mode(mode_t mode) const {
  if (::fchmod(file_->fd(), mode) != 0) throw io_error(fmt::format("chmod {}", file_->name()));
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::rename_to(const std::filesystem::path& path) {
  rename_file(path_, path);
  path_.clear();
}

std::string TemporaryFile::release() noexcept {
  return std::exchange(path_, {});
}

FilePtr open_unnamed_file(const std::filesystem::path& directory) {
  if (FilePtr file = File::try_open(directory.string(), O_TMPFILE | O_RDWR, 0600)) return file;
  // Some file systems (overlayfs of old kernels, NFS) lack O_TMPFILE.
  return TemporaryFile(directory.string() + "/tote.", 0600, "in " + directory.string()).file();
}

std::filesystem::path try_temporary_directory(const std::string& prefix) {
  return try_new_name(prefix,
                      [](const std::string& path) { return ::mkdir(path.c_str(), 0777) == 0; });
}

void replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path target = follow_links(path);
  struct stat info {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && (is_open_elsewhere(path) || !S_ISREG(info.st_mode)))
    return write_straight(path, text);
  TemporaryFile file(target.string() + ".", 0600, path.string());
  file.set_mode(exists ? info.st_mode & kModeBits : mode);
  file.file()->write(as_bytes(text));
  file.file()->sync();
  file.rename_to(target);
  sync_directory(target.parent_path());
}

}  // namespace tote
