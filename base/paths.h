// Where paths lead.
#pragma once

#include <filesystem>

namespace tote {

// Where a symbolic link leads in the end; `path` itself if it is none or leads nowhere.
std::filesystem::path follow_links(const std::filesystem::path& path);
// Absolute and without links, as far as it exists.
std::filesystem::path real_path(const std::filesystem::path& path);
// Whether the file that is open as `fd` still has that name, rather than another one or none.
bool is_still_called(int fd, const std::filesystem::path& path);
// Whether writing `path` changes `directory`, or the file of that name.
bool is_same_or_below(const std::filesystem::path& path, const std::filesystem::path& directory);

}  // namespace tote
