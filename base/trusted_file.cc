#include "base/trusted_file.h"

#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>

#include <cerrno>
#include <deque>
#include <sys/stat.h>
#include <unistd.h>

namespace tote {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as of Linux

struct stat status_of(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) throw io_error(fmt::format("stat {}", path.string()));
  return info;
}

// From "/" to what a path leads to, link by link.
class Walk {
 public:
  explicit Walk(const fs::path& path) : root_(status_of("/")) {
    check("/", root_);
    add(fs::absolute(path));
    while (!pending_.empty()) step();
  }

  const fs::path& end() const { return at_; }

 private:
  // In front of what is still to come.
  void add(const fs::path& path) {
    const fs::path relative = path.relative_path();
    pending_.insert(pending_.begin(), relative.begin(), relative.end());
    if (path.is_absolute()) at_ = "/";
  }

  void step() {
    const fs::path name = pending_.front();
    pending_.pop_front();
    if (name.empty() || name == ".") return;
    if (name == "..") {
      at_ = at_.parent_path();
      return;
    }
    const fs::path next = at_ / name;
    const struct stat info = status_of(next);
    check(next, info);
    if (!S_ISLNK(info.st_mode)) {
      at_ = next;
      return;
    }
    if (++links_ > kMaxLinks) {
      errno = ELOOP;
      throw io_error(fmt::format("stat {}", next.string()));
    }
    add(fs::read_symlink(next));
  }

  // Whoever owns "/" owns the machine: in a user namespace that is not root.
  void check(const fs::path& path, const struct stat& info) const {
    if (info.st_uid != ::geteuid() && info.st_uid != 0 && info.st_uid != root_.st_uid)
      throw Error(ErrorKind::kIo,
                  fmt::format("others can change it: '{}' belongs to user {}, expected {} or 0",
                              path.string(), info.st_uid, ::geteuid()))
          .with_hint("what it says would be done as somebody else wants it");
    if (S_ISLNK(info.st_mode) || (info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
    if (S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0) return;
    throw Error(ErrorKind::kIo, fmt::format("others can change it: '{}' has mode {:04o}",
                                            path.string(), info.st_mode & 07777U))
        .with_hint(fmt::format("chmod go-w '{}'", path.string()));
  }

  const struct stat root_;
  fs::path at_ = "/";
  std::deque<fs::path> pending_;
  int links_ = 0;
};

bool can_be_reached(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return false;
  throw io_error(fmt::format("stat {}", path.string()));
}

}  // namespace

void check_only_ours(const fs::path& path) {
  const Walk walk(path);
}

void make_private_directories(const fs::path& path) {
  fs::path made;
  for (const fs::path& part : path) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST && !fs::is_directory(made))
      throw io_error(fmt::format("create {}", made.string()));
  }
}

std::optional<std::string> read_trusted_file(const fs::path& path, std::uint64_t limit) {
  if (!can_be_reached(path)) return std::nullopt;
  const Walk walk(path);
  if (!fs::is_regular_file(walk.end()))
    throw Error(ErrorKind::kIo, fmt::format("'{}' is no regular file", path.string()));
  return read_file(walk.end(), limit);
}

}  // namespace tote
