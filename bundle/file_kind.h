// What a path that somebody has named may be.
#pragma once

#include <filesystem>

namespace tote::bundle {

// kPlace: an archive, a layout, or no file at all, but an image.
enum class FileKind { kInventory, kLock, kPlace };

// By the first bytes of what it holds, if it is compressed too: inventories and locks are text,
// archives and volumes are not. Error{kIo}.
FileKind file_kind(const std::filesystem::path& path);

}  // namespace tote::bundle
