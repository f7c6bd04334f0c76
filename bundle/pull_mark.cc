#include "bundle/pull_mark.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <vector>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAttribute = "user.tote.pulled";

using Lines = std::vector<std::string>;

// One line each.
void add_lines(const std::string& directory, const std::string& prefix, const fs::path& but,
               Lines& lines) {
  for (const DirectoryEntry& entry : list_directory(directory)) {
    if (prefix.empty() && (entry.name == kLostAndFound || entry.name == but)) continue;
    const std::string path = path_inside(directory, entry.name);
    struct stat info {};
    if (entry.type == S_IFREG && ::lstat(path.c_str(), &info) != 0) throw io_error("lstat");
    lines.push_back(fmt::format("{} {} {}.{} {}{}\n", entry.type, info.st_size, info.st_mtim.tv_sec,
                                info.st_mtim.tv_nsec, prefix, entry.name));
    if (entry.type == S_IFDIR) add_lines(path, prefix + entry.name + "/", but, lines);
  }
}

// Sorted; empty: there is nothing.
Lines lines_of(const fs::path& directory, const fs::path& but = {}) {
  Lines lines;
  add_lines(directory.string(), "", but, lines);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string fingerprint(const Lines& lines) {
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
    const Lines lines = lines_of(directory, but);
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
