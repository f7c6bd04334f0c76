#include "testregistry/storage/directory/directory_root.h"

#include "base/error.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>

namespace tote::testregistry {
namespace {

// What the directory may hold while it is made; the last is the file system's.
bool is_known_name(const std::string& name) {
  return name == "blobs" || name == "repositories" || name == "tmp" || name == "lock" ||
         name == "lost+found";
}

}  // namespace

DirectoryRoot::DirectoryRoot(const DirectoryFiles& files, Writing writing) : files_(files) {
  std::error_code failed;  // opening the lock says why
  std::filesystem::create_directories(files_.root(), failed);
  check();
  lock(writing);
  if (is_writable_) prepare();
}

// Filling somebody's home directory with blobs would be hard to undo.
void DirectoryRoot::check() const {
  if (try_stat(files_.root() + "/repositories")) return;
  std::string other;
  for_each_name(files_.root(), [&](const std::string& name) {
    if (!is_known_name(name) && (other.empty() || name < other)) other = name;
  });
  if (other.empty()) return;
  Error error(ErrorKind::kUsage,
              fmt::format("'{}' is no directory of a registry, and not empty: it has a '{}'",
                          files_.root(), other));
  throw error.with_hint(
      is_layout(files_.root())
          ? fmt::format("it is an OCI image layout: --layout {0} serves it and writes to it, "
                        "--preload {0} only serves it",
                        files_.root())
          : "name an empty or a new directory");
}

void DirectoryRoot::lock(Writing writing) {
  const std::string path = files_.root() + "/lock";
  lock_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  is_writable_ = static_cast<bool>(lock_);
  if (!is_writable_) {
    const bool will_do =
        writing == Writing::kIfPossible && (errno == EROFS || errno == EACCES || errno == EPERM);
    if (!will_do) throw io_error(fmt::format("open {}", path));
    lock_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  if (lock_ && ::flock(lock_.get(), (is_writable_ ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
    throw Error(ErrorKind::kIo, fmt::format("another process is serving {}", files_.root()))
        .with_hint("a registry collects its own garbage while it serves: --gc-interval 1h");
}

void DirectoryRoot::prepare() const {
  for (const char* directory : {"/blobs/sha256", "/blobs/sha512", "/repositories", "/tmp"})
    files_.make_directories(files_.root() + directory);
  for_each_name(files_.root() + "/tmp",
                [&](const std::string& name) { try_unlink(files_.root() + "/tmp/" + name); });
}

}  // namespace tote::testregistry
