#include "bundle/output_directory.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
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

// Everything resolved but the last component; "." and ".." there are no names to be replaced.
fs::path resolve_parents(const fs::path& path) {
  const fs::path plain = without_trailing_slash(fs::absolute(path));
  const fs::path name = plain.filename();
  if (name.empty() || name == "." || name == "..") return without_trailing_slash(real_path(plain));
  return real_path(plain.parent_path()) / name;
}

// The permissions that mkdir() would have given: mkdtemp() gives 0700.
void open_up(const fs::path& directory) {
  const mode_t mask = ::umask(0);  // no other thread creates files while a pull begins
  ::umask(mask);
  if (::chmod(directory.c_str(), 0777 & ~mask) != 0)
    throw io_error(fmt::format("chmod {}", directory.string()));
}

}  // namespace

fs::path resolve_output(const fs::path& directory) {
  fs::path real = resolve_parents(directory);
  const std::string home = environment("HOME");
  std::vector<fs::path> precious = {fs::current_path(), "/"};
  if (!home.empty()) precious.push_back(real_path(home));
  for (const fs::path& path : precious)
    if (is_same_or_above(real, path) || is_same_or_above(real_path(real), path))
      throw Error(ErrorKind::kUsage,
                  "Disallowed output directory (trying to avoid accidental deletion)");
  return real;
}

OutputDirectory::OutputDirectory(fs::path final_path) : final_(std::move(final_path)) {
  make_parents();
  std::string name =
      (final_.parent_path() / ("." + final_.filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr)
    throw io_error(fmt::format("Creating output directory: {}", final_.string()));
  working_ = name;
  open_up(working_);
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
  std::error_code ignored;
  const auto status = fs::symlink_status(final_, ignored);
  const bool replaces = fs::is_directory(status);
  if (!replaces && fs::exists(status)) fs::remove(final_, ignored);
  // Either takes the other's place, and what is left under the working name is the old one.
  const unsigned flags = replaces ? RENAME_EXCHANGE : 0;
  if (::renameat2(AT_FDCWD, working_.c_str(), AT_FDCWD, final_.c_str(), flags) == 0) {
    if (!replaces) working_.clear();
  } else if (errno == EINVAL || errno == ENOSYS) {
    fs::remove_all(final_);  // a file system that can not exchange
    fs::rename(working_, final_);
    working_.clear();
  } else {
    throw io_error(fmt::format("Removing output directory: {}", final_.string()));
  }
  made_parent_.clear();
}

}  // namespace tote::bundle
