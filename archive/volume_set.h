// Finding the volumes that belong together: by their headers, whatever they are called.
#pragma once

#include "archive/volume_header.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::archive {

struct FoundVolume {
  std::filesystem::path path;  // where it is, or where it was looked for
  Sha256 sums_digest = {};
  std::string wrong = {};  // why it is of no use; empty: nothing is known to be wrong
};

struct VolumeSet {
  VolumeGeometry geometry;
  VolumeSetId id = {};
  std::vector<FoundVolume> volumes;  // by number: all that there should be
};

// The header of a file; nullopt: it has none that is right. Error{kIo}; Error{kParse} as
// VolumeHeader::decode().
std::optional<VolumeHeader> read_volume_header(const std::filesystem::path& path);

// "a/FILE" of "a/FILE.001" and "a/FILE.p01", also with ".part"; nullopt: it has no such name.
std::optional<std::filesystem::path> name_without_number(const std::filesystem::path& path);

// The volumes in a directory, by path. Files of newer versions are none.
std::map<std::filesystem::path, VolumeHeader> volumes_in(const std::filesystem::path& directory);

// The set that `path` is one of, from its directory. If its own header is damaged, or if it is not
// there, its name decides, and so does FILE for FILE.001. nullopt: it is no volume. Error{kParse}
// if it can not be told which set is meant, or if the set was never finished; Error{kIo}.
std::optional<VolumeSet> find_volume_set(const std::filesystem::path& path);

}  // namespace tote::archive
