#include "base/directory.h"

#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace tote {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

// Some file systems do not keep the type with the name.
mode_t type_of(DIR* directory, const dirent& entry, const std::string& path) {
  if (entry.d_type != DT_UNKNOWN) return static_cast<mode_t>(DTTOIF(entry.d_type));
  struct stat info {};
  if (::fstatat(::dirfd(directory), entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    throw io_error(fmt::format("lstat {}", path_inside(path, entry.d_name)));
  return info.st_mode & S_IFMT;
}

}  // namespace

std::vector<DirectoryEntry> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) throw io_error(fmt::format("open {}", path));
  std::vector<DirectoryEntry> entries;
  errno = 0;  // the only way to tell a failure from the end
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..")
      entries.push_back({std::string(name), type_of(directory.get(), *entry, path)});
    errno = 0;
  }
  if (errno != 0) throw io_error(fmt::format("read {}", path));
  return entries;
}

std::string path_inside(std::string_view directory, std::string_view name) {
  const std::string_view slash = directory.ends_with('/') ? "" : "/";
  std::string path;
  path.reserve(directory.size() + slash.size() + name.size());
  return path.append(directory).append(slash).append(name);
}

}  // namespace tote
