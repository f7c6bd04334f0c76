#include "base/paths.h"

#include <algorithm>
#include <sys/stat.h>
#include <system_error>

namespace tote {

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

bool is_still_called(int fd, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool is_same_or_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const std::filesystem::path below = real_path(path);
  const std::filesystem::path above = real_path(directory);
  return std::mismatch(above.begin(), above.end(), below.begin(), below.end()).first == above.end();
}

}  // namespace tote
