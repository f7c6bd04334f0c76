// The mark by which a pull knows a directory again that an earlier pull has filled, and that nobody
// has changed since.
#pragma once

#include <filesystem>

namespace tote::bundle {

// A directory in the root of a file system, which its repair tools want there; no pull touches it.
inline constexpr const char* kLostAndFound = "lost+found";

// The mark is the extended attribute `user.tote.pulled` of the directory itself, so nothing is
// added to what was pulled: pushing the directory gives the digest that was pulled. Its value is
// the SHA-256 of all names below (but for lost+found) with their types, and of regular files the
// sizes and times of change. Where the file system has no such attributes there is no mark.
void mark_as_pulled(const std::filesystem::path& directory) noexcept;

// Whether `directory` is empty, or as a pull has left it; but for the entry `but`, which this pull
// has put there. False if that can not be told.
bool holds_only_what_was_pulled(const std::filesystem::path& directory,
                                const std::filesystem::path& but) noexcept;

}  // namespace tote::bundle
