// Taking things out of an OCI image layout directory.
#pragma once

#include "archive/archive_reader.h"
#include "base/unique_fd.h"
#include "oci/digest.h"
#include "oci/manifest.h"

#include <filesystem>
#include <set>
#include <vector>

namespace tote::archive {

// Held while a layout is changed. Error{kIo} if another process is changing it.
UniqueFd lock_layout(const std::filesystem::path& directory);

// Blobs of a layout directory, with their sizes and sorted, that nothing in it refers to. None if
// its index.json names things that are no images: what these refer to can not be told.
// REQUIRES: layout.is_directory()
std::vector<oci::Descriptor> find_stray_blobs(const ArchiveReader& layout);

// Takes images out of index.json, in one step, and then removes the blobs that nothing refers to
// any more, which it returns. Everything else that index.json says stays. Error{kIo}, also if
// another process is changing the layout; Error{kParse} if it is none.
std::vector<oci::Descriptor> remove_images(const std::filesystem::path& directory,
                                           const std::set<oci::Digest>& images);

}  // namespace tote::archive
