#include "bundle/output_directory.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
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

// The permissions that mkdir() would have given: mkdtemp() gives 0700.
void open_up(const fs::path& directory) {
  const mode_t mask = ::umask(0);  // no other thread creates files while a pull begins
  ::umask(mask);
  if (::chmod(directory.c_str(), 0777 & ~mask) != 0)
    throw io_error(fmt::format("chmod {}", directory.string()));
}

}  // namespace

void check_may_replace(const fs::path& directory) {
  const fs::path real = without_trailing_slash(fs::weakly_canonical(fs::absolute(directory)));
  const std::string home = environment("HOME");
  std::vector<fs::path> precious = {fs::current_path(), "/"};
  if (!home.empty()) precious.push_back(fs::weakly_canonical(home));
  for (const fs::path& path : precious)
    if (is_same_or_above(real, path))
      throw Error(ErrorKind::kUsage,
                  "Disallowed output directory (trying to avoid accidental deletion)");
}

OutputDirectory::OutputDirectory(const fs::path& final_path)
    : final_(without_trailing_slash(fs::absolute(final_path).lexically_normal())) {
  std::error_code failed;
  fs::create_directories(final_.parent_path(), failed);
  std::string name =
      (final_.parent_path() / ("." + final_.filename().string() + ".XXXXXX")).string();
  if (failed || ::mkdtemp(name.data()) == nullptr)
    throw io_error(fmt::format("Creating output directory: {}", final_path.string()));
  working_ = name;
  open_up(working_);
}

OutputDirectory::~OutputDirectory() {
  std::error_code ignored;
  if (!working_.empty()) fs::remove_all(working_, ignored);
}

void OutputDirectory::commit() {
  const fs::file_status there = fs::symlink_status(final_);
  if (fs::exists(there) && !fs::is_directory(there)) fs::remove(final_);
  // Either takes the other's place, and what is left under the working name is the old one.
  if (::renameat2(AT_FDCWD, working_.c_str(), AT_FDCWD, final_.c_str(),
                  fs::is_directory(there) ? RENAME_EXCHANGE : 0) == 0) {
    if (!fs::is_directory(there)) working_.clear();
    return;
  }
  if (errno != EINVAL && errno != ENOSYS)
    throw io_error(fmt::format("Removing output directory: {}", final_.string()));
  fs::remove_all(final_);  // a file system that can not exchange
  fs::rename(working_, final_);
  working_.clear();
}

}  // namespace tote::bundle
