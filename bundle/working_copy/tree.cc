#include "bundle/working_copy/tree.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stream.h"
#include "bundle/upstream_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGit = ".git";

struct stat status_of(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) throw io_error(fmt::format("lstat {}", path));
  return info;
}

EntryKind kind_of(mode_t type) {
  switch (type & S_IFMT) {
    case S_IFREG:
      return EntryKind::kFile;
    case S_IFDIR:
      return EntryKind::kDirectory;
    case S_IFLNK:
      return EntryKind::kLink;
    default:
      return EntryKind::kOther;
  }
}

std::string target_of(const std::string& link) {
  std::error_code failed;
  const fs::path target = fs::read_symlink(link, failed);
  if (failed) throw Error(ErrorKind::kIo, fmt::format("readlink {}: {}", link, failed.message()));
  return target.string();
}

std::string below(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : path_inside(prefix, name);
}

bool is_working_copy(const std::string& path) {
  std::error_code absent;
  return fs::exists(fs::symlink_status(fs::path(path) / kUpstreamFile, absent));
}

class Scan {
 public:
  explicit Scan(const fs::path& root) : tree_{root} {}

  Tree run() {
    add_children(tree_.root.string(), "");
    return std::move(tree_);
  }

 private:
  void add_children(const std::string& path, const std::string& prefix) {
    for (const DirectoryEntry& child : list_directory(path)) {
      const std::string name = below(prefix, child.name);
      if (child.name != kGit && !is_of_working_copy(name)) add(path_inside(path, child.name), name);
    }
  }

  void add(const std::string& path, const std::string& name) {
    const struct stat info = status_of(path);
    Entry entry{kind_of(info.st_mode), info.st_mode & 07777U};
    if (entry.kind == EntryKind::kFile) entry.size = static_cast<std::uint64_t>(info.st_size);
    if (entry.kind == EntryKind::kLink) entry.link_target = target_of(path);
    if (entry.kind == EntryKind::kDirectory && is_working_copy(path)) {
      tree_.nested.push_back(name);
      return;
    }
    const bool is_directory = entry.kind == EntryKind::kDirectory;
    tree_.entries.emplace(name, std::move(entry));
    if (!is_directory) return;
    add_children(path, name);
    // Made for the sake of a working copy's record alone.
    if (fs::path(name).filename() == ".imgpkg" && is_empty(name)) tree_.entries.erase(name);
  }

  bool is_empty(const std::string& name) const {
    const auto next = tree_.entries.lower_bound(name + "/");
    return next == tree_.entries.end() || !next->first.starts_with(name + "/");
  }

  Tree tree_;
};

bool have_same_bytes(const fs::path& a, const fs::path& b) {
  const FilePtr left = open_for_reading(a);
  const FilePtr right = open_for_reading(b);
  std::vector<std::byte> left_bytes(kStreamChunk);
  std::vector<std::byte> right_bytes(kStreamChunk);
  for (std::uint64_t at = 0;;) {
    const std::size_t size = left->read_at(left_bytes, at);
    if (size == 0) return right->read_at(right_bytes, at) == 0;
    for (std::size_t have = 0; have < size;) {
      const std::size_t more =
          right->read_at(MutableBytes(right_bytes).subspan(have, size - have), at + have);
      if (more == 0) return false;
      have += more;
    }
    if (!std::equal(left_bytes.begin(), left_bytes.begin() + static_cast<std::ptrdiff_t>(size),
                    right_bytes.begin()))
      return false;
    at += size;
  }
}

void add_identities(const std::string& path, const std::string& prefix, Identities& all) {
  for (const DirectoryEntry& child : list_directory(path)) {
    const std::string child_path = path_inside(path, child.name);
    const std::string name = below(prefix, child.name);
    const struct stat info = status_of(child_path);
    FileIdentity identity{info.st_mode & S_IFMT};
    // A directory changes with what is in it, which is listed.
    if (S_ISDIR(info.st_mode)) {
      add_identities(child_path, name, all);
    } else {
      identity.inode = info.st_ino;
      identity.size = info.st_size;
      identity.seconds = info.st_mtim.tv_sec;
      identity.nanoseconds = info.st_mtim.tv_nsec;
    }
    all.emplace(name, identity);
  }
}

}  // namespace

fs::path Tree::path_of(const std::string& name) const {
  const auto found = stand_ins.find(name);
  return found == stand_ins.end() ? root / name : found->second;
}

Tree scan_tree(const fs::path& root) {
  return Scan(root).run();
}

bool is_in(const std::string& directory, const std::string& name) {
  return name == directory || (name.starts_with(directory) && name[directory.size()] == '/');
}

void leave_out(const std::vector<std::string>& directories, Tree& tree) {
  for (const std::string& directory : directories)
    std::erase_if(tree.entries, [&](const auto& entry) { return is_in(directory, entry.first); });
}

bool has_same_content(const Tree& a, const Tree& b, const std::string& name) {
  const Entry& left = a.entries.at(name);
  const Entry& right = b.entries.at(name);
  if (left.kind != right.kind || left.size != right.size || left.link_target != right.link_target)
    return false;
  return left.kind != EntryKind::kFile || have_same_bytes(a.path_of(name), b.path_of(name));
}

Identities identities_of(const fs::path& root) {
  Identities all;
  add_identities(root.string(), "", all);
  return all;
}

std::string first_difference(const Identities& a, const Identities& b) {
  auto left = a.begin();
  auto right = b.begin();
  for (; left != a.end() && right != b.end() && *left == *right; ++left, ++right) {
  }
  if (left == a.end()) return right == b.end() ? "" : right->first;
  return right == b.end() || left->first < right->first ? left->first : right->first;
}

}  // namespace tote::bundle::working_copy
