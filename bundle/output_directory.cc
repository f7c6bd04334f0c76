#include "bundle/output_directory.h"

#include "base/error.h"
#include "base/paths.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "bundle/pull_mark.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

bool is_same_or_above(const fs::path& above, const fs::path& below) {
  return std::mismatch(above.begin(), above.end(), below.begin(), below.end()).first == above.end();
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

// Everything resolved but the last component; "." and ".." there are no names to be replaced.
fs::path resolve_parents(const fs::path& path) {
  const fs::path plain = without_trailing_slash(fs::absolute(path));
  const fs::path name = plain.filename();
  if (name.empty() || name == "." || name == "..") return without_trailing_slash(real_path(plain));
  return real_path(plain.parent_path()) / name;
}

bool is_mount_point(const fs::path& directory) {
  struct statx info {};
  if (::statx(AT_FDCWD, directory.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info) != 0)
    return false;
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

std::vector<fs::path> names_in(const fs::path& directory) {
  std::vector<fs::path> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename());
  return names;
}

// Moves entries one by one; what was moved goes back if one can not be.
class Moves {
 public:
  Moves() = default;
  Moves(const Moves&) = delete;
  Moves& operator=(const Moves&) = delete;
  ~Moves() {
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) try {
        (*undo)();
      } catch (const std::exception&) {  // what can be put back is
      }
  }

  void move(const fs::path& from, const fs::path& to) {
    if (std::rename(from.c_str(), to.c_str()) == 0)
      undo_.push_back([from, to] { fs::rename(to, from); });
    else if (errno == EXDEV && fs::is_directory(fs::symlink_status(from)))
      move_content(from, to);
    else
      throw io_error(fmt::format("Removing output directory: rename {}", from.string()));
  }
  void keep() noexcept { undo_.clear(); }

 private:
  // An overlay can not rename a directory of a layer below, but what is in it.
  void move_content(const fs::path& from, const fs::path& to) {
    make_alike(from, to);
    undo_.push_back([to] { fs::remove(to); });
    for (const fs::path& name : names_in(from)) move(from / name, to / name);
    fs::remove(from);
    undo_.push_back([from, to] { make_alike(to, from); });
  }

  // With the same permissions and, for root, the same owner.
  static void make_alike(const fs::path& from, const fs::path& to) {
    struct stat info {};
    if (::stat(from.c_str(), &info) != 0 || ::mkdir(to.c_str(), 0700) != 0)
      throw io_error(fmt::format("Removing output directory: mkdir {}", to.string()));
    const bool keeps_owner = ::geteuid() == 0;
    if ((keeps_owner && ::chown(to.c_str(), info.st_uid, info.st_gid) != 0) ||
        ::chmod(to.c_str(), info.st_mode & 07777) != 0)
      throw io_error(fmt::format("Removing output directory: chmod {}", to.string()));
  }

  std::vector<std::function<void()>> undo_;
};

}  // namespace

fs::path resolve_output(const fs::path& directory, const fs::path& home) {
  fs::path real = resolve_parents(directory);
  std::vector<fs::path> precious = {fs::current_path(), "/"};
  if (!home.empty()) precious.push_back(real_path(home));
  for (const fs::path& path : precious)
    if (is_same_or_above(real, path) || is_same_or_above(real_path(real), path))
      throw Error(ErrorKind::kUsage,
                  "Disallowed output directory (trying to avoid accidental deletion)");
  return real;
}

void check_output(const fs::path& final_path, Replaces replaces, const fs::path& but) {
  if (replaces == Replaces::kAnything) return;
  std::error_code absent;
  const auto status = fs::symlink_status(final_path, absent);
  if (!fs::exists(status)) return;
  if (fs::is_symlink(status))
    throw Error(ErrorKind::kUsage,
                fmt::format("output '{}' is a symbolic link", final_path.string()))
        .with_hint("name the directory that it leads to, or remove it");
  if (!fs::is_directory(status))
    throw Error(ErrorKind::kUsage, fmt::format("output '{}' is a file", final_path.string()))
        .with_hint("remove it, or choose another name");
  if (replaces == Replaces::kOwn && !holds_only_what_was_pulled(final_path, but))
    throw Error(ErrorKind::kUsage,
                fmt::format("output '{}' is not as a pull has left it, and what it holds would be "
                            "lost",
                            final_path.string()))
        .with_hint("--overwrite replaces the directory with all that is in it");
}

OutputDirectory::OutputDirectory(fs::path final_path, Replaces replaces)
    : final_(std::move(final_path)), replaces_(replaces) {
  make_parents();
  make_working_directory();
}

void OutputDirectory::make_working_directory() {
  std::error_code absent;
  const bool is_there = fs::is_directory(fs::symlink_status(final_, absent));
  if (!is_there || !is_mount_point(final_))
    working_ = try_temporary_directory(
        (final_.parent_path() / ("." + final_.filename().string() + ".")).string());
  if (working_.empty() && is_there) {
    working_ = try_temporary_directory((final_ / ".tote-new.").string());
    is_inside_ = true;
  }
  if (!working_.empty()) return;
  Error error = io_error(fmt::format("Creating output directory: {}", final_.string()));
  if (!is_there)
    error.with_hint("make it first, then it is filled in place; or choose another one");
  throw error;
}

void OutputDirectory::make_parents() {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path at = final_.parent_path(); !fs::exists(at, ignored); at = at.parent_path())
    missing.push_back(at);
  std::error_code failed;
  fs::create_directories(final_.parent_path(), failed);
  if (failed)
    throw Error(ErrorKind::kIo, fmt::format("Creating output directory: {}: {}", final_.string(),
                                            to_lower(failed.message())));
  if (!missing.empty()) made_parent_ = missing.back();
}

OutputDirectory::~OutputDirectory() {
  std::error_code ignored;
  if (!working_.empty()) fs::remove_all(working_, ignored);
  // Only what is empty: others may have put something there meanwhile.
  if (!made_parent_.empty())
    for (fs::path at = final_.parent_path(); is_same_or_above(made_parent_, at);
         at = at.parent_path())
      if (!fs::remove(at, ignored)) break;
}

void OutputDirectory::commit() {
  // However long ago it was looked at: something may have come there meanwhile.
  check_output(final_, replaces_, is_inside_ ? working_.filename() : fs::path());
  if (is_inside_)
    commit_inside();
  else
    commit_beside();
  made_parent_.clear();
}

void OutputDirectory::commit_beside() {
  mark_as_pulled(working_);
  std::error_code ignored;
  const auto status = fs::symlink_status(final_, ignored);
  const bool replaces = fs::is_directory(status);
  if (!replaces && fs::exists(status)) fs::remove(final_, ignored);
  // Either takes the other's place, and what is left under the working name is the old one.
  const unsigned flags = replaces ? RENAME_EXCHANGE : 0;
  if (::renameat2(AT_FDCWD, working_.c_str(), AT_FDCWD, final_.c_str(), flags) == 0) {
    if (!replaces) working_.clear();
  } else if (errno == EINVAL || errno == ENOSYS || errno == EXDEV) {
    // A file system that can not exchange; an overlay can not a directory of a layer below.
    fs::remove_all(final_);
    fs::rename(working_, final_);
    working_.clear();
  } else {
    throw io_error(fmt::format("Removing output directory: {}", final_.string()));
  }
}

void OutputDirectory::commit_inside() {
  const fs::path old = try_temporary_directory((final_ / ".tote-old.").string());
  if (old.empty()) throw io_error(fmt::format("Removing output directory: {}", final_.string()));
  try {
    Moves moves;
    for (const fs::path& name : names_in(final_))
      if (name != old.filename() && name != working_.filename() && name != kLostAndFound)
        moves.move(final_ / name, old / name);
    for (const fs::path& name : names_in(working_)) moves.move(working_ / name, final_ / name);
    moves.keep();
  } catch (const std::exception&) {
    ::rmdir(old.c_str());
    throw;
  }
  std::error_code ignored;
  fs::remove_all(old, ignored);
  fs::remove(working_, ignored);
  working_.clear();
  mark_as_pulled(final_);
}

}  // namespace tote::bundle
