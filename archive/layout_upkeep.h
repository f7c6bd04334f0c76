// Taking things out of an OCI image layout directory.
#pragma once

#include "archive/archive_reader.h"
#include "oci/digest.h"
#include "oci/manifest.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tote::archive {

// Blobs of a layout directory, with their sizes and sorted, that nothing in it refers to. None if
// its index.json names things that are no images: what these refer to can not be told.
// REQUIRES: layout.is_directory()
std::vector<oci::Descriptor> find_stray_blobs(const ArchiveReader& layout);

// Takes images out of index.json, in one step, and then removes the blobs that nothing refers to
// any more, which it returns. Everything else that index.json says stays. Error{kIo}, also if
// another process is changing the layout; Error{kParse} if it is none.
std::vector<oci::Descriptor> remove_images(const std::filesystem::path& directory,
                                           const std::set<oci::Digest>& images);

// Takes a name out of index.json, in one step, and with it the entries that have it; blobs stay,
// for garbage collection. `name` is a tag, if only one image has it, or the reference of an image
// with a tag, as it is read out of the layout. Returns what it named; nullopt: nothing is called
// so. Error{kUsage} for a tag of several images; Error{kIo}, Error{kParse}.
std::optional<oci::Digest> remove_tag(const std::filesystem::path& directory,
                                      const std::string& name);

}  // namespace tote::archive
