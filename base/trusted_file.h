// Files that decide what a program does: read only where nobody else can write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tote {

// Throws Error{kIo}, with a hint, unless only this user, root and whoever owns "/" can change what
// `path` leads to: the file itself, each directory above it, and each link on the way. A directory
// that others may write counts as safe where they can not replace what is not theirs (the sticky
// bit). `path` has to exist.
void check_only_ours(const std::filesystem::path& path);

// Makes the directories of a path that are not there, for their owner alone, as the XDG Base
// Directory Specification has it. Error{kIo}.
void make_private_directories(const std::filesystem::path& path);

// The whole file, at most `limit` bytes; nullopt: there is none, or none that can be reached.
// Throws as above, Error{kIo} for what is no regular file or can not be read, Error{kParse} for
// what is longer.
std::optional<std::string> read_trusted_file(const std::filesystem::path& path,
                                             std::uint64_t limit);

}  // namespace tote
