#include "base/temporary_file.h"

#include "base/disk.h"
#include "base/error.h"
#include "base/paths.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tote {
namespace {

constexpr mode_t kModeBits = 07777;

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

TemporaryFile::TemporaryFile(const std::string& prefix, mode_t mode, std::string called)
    : path_(prefix + "XXXXXX") {
  UniqueFd fd(
      disk_call(DiskStep::kOpen, called, [&] { return ::mkostemp(path_.data(), O_CLOEXEC); }));
  if (!fd) throw io_error(fmt::format("open {}", called));
  if (::fchmod(fd.get(), mode) != 0) {
    const Error failure = io_error(fmt::format("chmod {}", called));
    ::unlink(path_.c_str());  // the destructor will not run
    throw failure;
  }
  file_ = std::make_shared<const File>(std::move(fd), std::move(called));
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

void replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path target = follow_links(path);
  struct stat info {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && (is_open_elsewhere(path) || !S_ISREG(info.st_mode)))
    return write_straight(path, text);
  TemporaryFile file(target.string() + ".", exists ? info.st_mode & kModeBits : mode,
                     path.string());
  file.file()->write(as_bytes(text));
  file.file()->sync();
  file.rename_to(target);
  sync_directory(target.parent_path());
}

}  // namespace tote
