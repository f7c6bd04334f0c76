// What lies in a directory, as far as it may belong to a package.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace tote::bundle::working_copy {

enum class EntryKind { kFile, kDirectory, kLink, kOther };

struct Entry {
  EntryKind kind = EntryKind::kFile;
  std::uint32_t mode = 0;  // permission bits
  std::uint64_t size = 0;  // bytes, of a file
  std::string link_target = {};

  // Of the owner: all that is pushed of a file's permissions.
  std::uint32_t owner_bits() const noexcept { return mode & 0700U; }
};

// By relative paths; a directory before what is in it.
using Entries = std::map<std::string, Entry>;

struct Tree {
  std::filesystem::path root;
  Entries entries = {};
  // Directories in it that are working copies of their own: nothing of them is in `entries`.
  std::vector<std::string> nested = {};

  // Files whose content lies elsewhere: what is compared is not quite what is there.
  std::map<std::string, std::filesystem::path> stand_ins = {};

  std::filesystem::path path_of(const std::string& name) const;
};

// Links are not followed. Left out is what is no part of a package: .git, and what is of working
// copies (is_of_working_copy()). Error{kIo}.
Tree scan_tree(const std::filesystem::path& root);

// Whether a name is that of the directory, or of something in it.
bool is_in(const std::string& directory, const std::string& name);

// Takes away what is in one of those directories.
void leave_out(const std::vector<std::string>& directories, Tree& tree);

// Whether two entries that are there have the same content: the bytes of files, where links lead.
// Files are read by pieces.
bool has_same_content(const Tree& a, const Tree& b, const std::string& name);

// All that is there, of any name, and of files which they are and when they were last written: it
// differs from what it was once anybody has changed anything.
struct FileIdentity {
  mode_t type = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
using Identities = std::map<std::string, FileIdentity>;
Identities identities_of(const std::filesystem::path& root);
// The first name that is not the same in both; "" if there is none.
std::string first_difference(const Identities& a, const Identities& b);

}  // namespace tote::bundle::working_copy
