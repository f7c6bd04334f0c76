#include "bundle/pull_mark.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/stream.h"

#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAttribute = "user.tote.pulled";

// One line each, sorted; empty: there is nothing.
std::set<std::string> lines_of(const fs::path& directory, const fs::path& but = {}) {
  std::set<std::string> lines;
  fs::recursive_directory_iterator entry(directory);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path name = entry->path().filename();
    if (entry.depth() == 0 && (name == kLostAndFound || name == but)) {
      entry.disable_recursion_pending();
      continue;
    }
    struct stat info {};
    if (::lstat(entry->path().c_str(), &info) != 0) throw io_error("lstat");
    const bool is_file = S_ISREG(info.st_mode);
    lines.insert(fmt::format("{} {} {}.{} {}\n", info.st_mode & S_IFMT, is_file ? info.st_size : 0,
                             is_file ? info.st_mtim.tv_sec : 0, is_file ? info.st_mtim.tv_nsec : 0,
                             entry->path().lexically_relative(directory).string()));
  }
  return lines;
}

std::string fingerprint(const std::set<std::string>& lines) {
  Hasher hasher(HashAlgorithm::kSha256);
  for (const std::string& line : lines) hasher.update(as_bytes(line + '\0'));
  return "v1 " + to_hex(hasher.finish());
}

}  // namespace

void mark_as_pulled(const fs::path& directory) noexcept {
  try {
    const std::string mark = fingerprint(lines_of(directory));
    // Without it the next pull asks for --overwrite.
    static_cast<void>(::setxattr(directory.c_str(), kAttribute, mark.data(), mark.size(), 0));
  } catch (const std::exception&) {
  }
}

bool holds_only_what_was_pulled(const fs::path& directory, const fs::path& but) noexcept {
  try {
    const std::set<std::string> lines = lines_of(directory, but);
    if (lines.empty()) return true;
    std::array<char, 256> mark{};
    const ssize_t size = ::getxattr(directory.c_str(), kAttribute, mark.data(), mark.size());
    return size > 0 &&
           std::string_view(mark.data(), static_cast<std::size_t>(size)) == fingerprint(lines);
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace tote::bundle
