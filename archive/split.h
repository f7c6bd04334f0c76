// Cutting an archive that is there into volumes, and putting one together.
#pragma once

#include "archive/archive_writer.h"
#include "archive/volume_reader.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>

namespace tote::archive {

// Writes TO.001 and so on; `from` stays. Returns how it was cut. Error{kUsage}, Error{kIo},
// Cancelled.
VolumeGeometry split_file(const std::filesystem::path& from, const std::filesystem::path& to,
                          const SplitOptions& options, const std::stop_token& stop);

// Writes what the volumes hold. `to` is whole then, or as it was. Error{kParse} if parity can not
// make up for what is lost or damaged; Error{kIo}, Cancelled.
void join_volumes(const VolumeReader& volumes, const std::filesystem::path& to,
                  const std::stop_token& stop);

}  // namespace tote::archive
