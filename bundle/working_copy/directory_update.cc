#include "bundle/working_copy/directory_update.h"

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/temporary_file.h"
#include "bundle/upstream_path.h"
#include "bundle/working_copy/linked_copy.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSteps = "steps.json";
constexpr std::uint64_t kMaxSteps = 256U << 20U;  // bytes

bool is_real_directory(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool is_mount_point(const fs::path& directory) {
  struct statx info {};
  return ::statx(AT_FDCWD, directory.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info) == 0 &&
         (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool works_in(const fs::path& directory) {
  std::error_code unknown;
  const fs::path current = fs::current_path(unknown);
  return unknown || is_same_or_below(current, directory);
}

// Beside it, if that is the same file system.
fs::path make_beside(const fs::path& directory) {
  if (is_mount_point(directory)) return {};
  return try_temporary_directory(
      (directory.parent_path() / ("." + directory.filename().string() + ".")).string());
}

fs::path make_sources(const fs::path& directory) {
  fs::path made = make_beside(directory);
  if (!made.empty()) return made;
  fs::create_directories(directory / ".imgpkg");
  // A name that nothing of a package has, since it is in the directory of the rest.
  fs::create_directories(directory / kUnfinishedUpdate);
  made = try_temporary_directory((directory / kUnfinishedUpdate / "new.").string());
  if (made.empty())
    throw io_error(fmt::format("Making a directory for the update of '{}'", directory.string()));
  return made;
}

// Before the first step: whether all of them can be done.
void check_can_write(const TreeChanges& changes, const fs::path& directory) {
  for (const TreeChange& change : changes) {
    fs::path above = (directory / change.path).parent_path();
    while (!is_real_directory(above) && above != directory) above = above.parent_path();
    if (::access(above.c_str(), W_OK | X_OK) != 0)
      throw io_error(fmt::format("'{}' can not be changed", above.string()));
  }
}

}  // namespace

DirectoryLock::DirectoryLock(const fs::path& directory)
    : directory_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!directory_) throw io_error(fmt::format("open {}", directory.string()));
  if (::flock(directory_.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) return;  // a file system that has no locks
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' is being changed by another process", directory.string()))
      .with_hint("wait until that has ended");
}

bool finish_update(const fs::path& directory) {
  const fs::path rest = directory / kUnfinishedUpdate;
  if (!is_real_directory(directory / ".imgpkg") || !is_real_directory(rest)) return false;
  const FilePtr steps = File::try_open((rest / kSteps).string(), O_RDONLY | O_NOFOLLOW);
  if (steps) {
    const fs::path path = rest / kSteps;
    apply(parse_changes(read_file(path, kMaxSteps), path.string()), rest / "new", directory,
          Sources::kMoved);
  }
  remove_tree(rest);
  return steps != nullptr;
}

DirectoryUpdate::DirectoryUpdate(fs::path directory)
    : directory_(std::move(directory)), sources_(make_sources(directory_)) {}

DirectoryUpdate::~DirectoryUpdate() {
  try {
    if (!sources_.empty()) remove_tree(sources_);
    std::error_code not_empty;
    fs::remove(directory_ / kUnfinishedUpdate, not_empty);
  } catch (const std::exception&) {  // it is in nobody's way
  }
}

void DirectoryUpdate::check(const Identities& before, const fs::path& directory) const {
  Identities now = identities_of(directory);
  std::erase_if(now, [](const auto& file) { return is_in(kUnfinishedUpdate, file.first); });
  if (!before.contains(".imgpkg")) now.erase(".imgpkg");  // made for that
  const std::string name = first_difference(before, now);
  if (name.empty()) return;
  throw Error(ErrorKind::kIo, fmt::format("'{}' was changed while '{}' was being updated", name,
                                          directory_.string()))
      .with_hint("nothing was updated; try again");
}

void DirectoryUpdate::commit(const TreeChanges& changes, const Identities& before) {
  const bool is_beside = sources_.parent_path() == directory_.parent_path();
  const bool can_exchange = is_beside && !works_in(directory_) && !is_mount_point(directory_);
  if (can_exchange && commit_by_exchange(changes, before)) return;
  commit_in_place(changes, before);
}

bool DirectoryUpdate::commit_by_exchange(const TreeChanges& changes, const Identities& before) {
  const fs::path copy = make_beside(directory_);
  if (copy.empty()) return false;
  LinkedCopy linked(directory_, copy);
  if (!linked.make()) return false;
  check(before, directory_);
  apply(changes, sources_, copy, Sources::kLinked);
  linked.restore_modes();
  // An overlay can not exchange a directory of a layer below, other file systems none.
  if (::renameat2(AT_FDCWD, copy.c_str(), AT_FDCWD, directory_.c_str(), RENAME_EXCHANGE) != 0)
    return false;
  try {
    check(before, copy);  // which has the old one now
  } catch (const Error&) {
    if (::renameat2(AT_FDCWD, copy.c_str(), AT_FDCWD, directory_.c_str(), RENAME_EXCHANGE) != 0)
      linked.keep();  // what was written meanwhile is in there
    throw;
  }
  return true;
}

void DirectoryUpdate::commit_in_place(const TreeChanges& changes, const Identities& before) {
  check_can_write(changes, directory_);
  check(before, directory_);
  const fs::path rest = directory_ / kUnfinishedUpdate;
  fs::create_directories(rest);
  rename_file(sources_, rest / "new");
  sources_.clear();
  replace_file(rest / kSteps, encode(changes));
  sync_directory(rest);
  finish_update(directory_);
}

}  // namespace tote::bundle::working_copy
