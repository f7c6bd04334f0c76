// What is to become of a directory, as steps that may be done again: whoever was broken off among
// them does them all once more, with the same end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::working_copy {

struct TreeChange {
  enum class Kind {
    kRemove,           // a file, a link
    kRemoveDirectory,  // if nothing is in it
    kMakeDirectory,
    kPut,  // a file: it is moved there, over what is there, with the directories above it
  };

  Kind kind = Kind::kPut;
  std::string path;         // in the directory
  std::string source = {};  // of kPut: in another directory, of the same file system

  friend bool operator==(const TreeChange&, const TreeChange&) = default;
};

// In this order: what goes makes room for what comes.
using TreeChanges = std::vector<TreeChange>;

std::string encode(const TreeChanges& changes);
// Error{kParse} for anything but what encode() writes, and for paths that lead out of a directory.
TreeChanges parse_changes(std::string_view text, std::string_view origin);

// kMoved: what was broken off can be done again, since what is no longer there was put already.
// kLinked: sources stay as they are; of a directory that nobody else sees.
enum class Sources { kMoved, kLinked };

// Does them, or the rest of them. Nothing is written through a link: Error{kIo} then, and for what
// can not be done.
void apply(const TreeChanges& changes, const std::filesystem::path& sources,
           const std::filesystem::path& directory, Sources how);

}  // namespace tote::bundle::working_copy
