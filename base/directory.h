// What is in directories, without asking the kernel about each name.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace tote {

struct DirectoryEntry {
  std::string name;
  mode_t type;  // S_IFREG, S_IFDIR, S_IFLNK and so on; a link is not followed
};

// All but "." and "..", in no order. Error{kIo}.
std::vector<DirectoryEntry> list_directory(const std::string& path);

// The path of what is called so in a directory.
std::string path_inside(std::string_view directory, std::string_view name);

}  // namespace tote
