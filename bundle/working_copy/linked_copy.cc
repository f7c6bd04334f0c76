#include "bundle/working_copy/linked_copy.h"

#include "base/directory.h"
#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

struct stat status_of(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) throw io_error(fmt::format("lstat {}", path));
  return info;
}

}  // namespace

void remove_tree(const fs::path& directory) {
  // Who owns it may; root need not.
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0)
    static_cast<void>(::chmod(directory.c_str(), 0700));
  for (const DirectoryEntry& child : list_directory(directory.string())) {
    const std::string path = path_inside(directory.string(), child.name);
    if (child.type == S_IFDIR)
      remove_tree(path);
    else if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      throw io_error(fmt::format("unlink {}", path));
  }
  if (::rmdir(directory.c_str()) != 0 && errno != ENOENT)
    throw io_error(fmt::format("rmdir {}", directory.string()));
}

LinkedCopy::~LinkedCopy() {
  try {
    if (!is_kept_) remove_tree(copy_);
  } catch (const std::exception&) {  // it is in nobody's way
  }
}

bool LinkedCopy::make() {
  const struct stat info = status_of(original_.string());
  device_ = info.st_dev;
  if (status_of(copy_.string()).st_dev != device_) return false;
  const bool keeps_owner = ::geteuid() == 0;
  if (keeps_owner && ::chown(copy_.c_str(), info.st_uid, info.st_gid) != 0) return false;
  modes_.emplace_back(copy_.string(), info.st_mode & 07777U);
  return link(original_.string(), copy_.string());
}

bool LinkedCopy::link(const std::string& from, const std::string& to) {
  for (const DirectoryEntry& child : list_directory(from)) {
    const std::string source = path_inside(from, child.name);
    const std::string target = path_inside(to, child.name);
    if (child.type == S_IFDIR) {
      if (!make_directory(source, target) || !link(source, target)) return false;
    } else if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), 0) != 0) {
      return false;
    }
  }
  return true;
}

bool LinkedCopy::make_directory(const std::string& from, const std::string& to) {
  const struct stat info = status_of(from);
  if (info.st_dev != device_ || ::mkdir(to.c_str(), 0700) != 0) return false;
  modes_.emplace_back(to, info.st_mode & 07777U);
  return ::geteuid() != 0 || ::chown(to.c_str(), info.st_uid, info.st_gid) == 0;
}

void LinkedCopy::restore_modes() {
  // The innermost first: above it, it has to be reached.
  for (auto directory = modes_.rbegin(); directory != modes_.rend(); ++directory)
    if (::chmod(directory->first.c_str(), directory->second) != 0 && errno != ENOENT &&
        errno != ENOTDIR)
      throw io_error(fmt::format("chmod {}", directory->first));
}

}  // namespace tote::bundle::working_copy
