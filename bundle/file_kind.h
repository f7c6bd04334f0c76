// What a path that somebody has named may be.
#pragma once

#include <filesystem>

namespace tote::bundle {

// kPlace: an archive, a layout, or no file at all, but an image.
enum class FileKind { kInventory, kLock, kPlace };

// By the first bytes: inventories and locks are text; archives, volumes and what is compressed are
// not. Error{kIo}.
FileKind file_kind(const std::filesystem::path& path);

}  // namespace tote::bundle
