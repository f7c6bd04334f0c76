// The first 512 bytes of a volume (docs/formats.md).
#pragma once

#include "archive/volume_geometry.h"
#include "base/stream.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace tote::archive {

using Sha256 = std::array<std::byte, 32>;
// The same in all volumes of one set, and in no other's: it is made of the sums.
using VolumeSetId = std::array<std::byte, 16>;

Sha256 sha256_of(ConstBytes bytes);

struct VolumeHeader {
  VolumeGeometry geometry;
  std::uint32_t volume = 0;  // its number
  bool is_finished = false;  // else the two below are zeros: it is still being written
  VolumeSetId set = {};
  Sha256 sums_digest = {};  // of the sums of its blocks, which stand at its end

  std::string encode() const;
  // nullopt: `bytes` do not begin a volume, or are damaged. Error{kParse} if they are of a newer
  // version.
  static std::optional<VolumeHeader> decode(ConstBytes bytes);
};

}  // namespace tote::archive
