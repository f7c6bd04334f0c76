// FILE.sha256 beside an archive, in the format of sha256sum.
#pragma once

#include <filesystem>
#include <stop_token>

namespace tote::archive {

// Of FILE, or if it was split, of its volumes, by their names alone; reads all of them. Error{kIo},
// Cancelled.
void write_checksums(const std::filesystem::path& file, bool is_split, const std::stop_token& stop);

}  // namespace tote::archive
