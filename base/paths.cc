#include "base/paths.h"

#include <algorithm>
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

bool is_same_or_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const std::filesystem::path below = real_path(path);
  const std::filesystem::path above = real_path(directory);
  return std::mismatch(above.begin(), above.end(), below.begin(), below.end()).first == above.end();
}

}  // namespace tote
