// The first stage of GzipWriter: finding repeated strings in one piece of input.
// Internal to base/.
#pragma once

#include "base/stream.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tote::deflate {

// The input is cut into pieces of exactly this size; only the last may be shorter.
inline constexpr std::size_t kPieceSize = 65535;

// How far back a match may begin.
inline constexpr std::uint32_t kMaxDistance = 32768;

// Bytes of the piece as they are, then a match of 4..258 bytes that begins 1..32768 bytes back.
// One for both: most literals are not looked at before they are written.
struct Sequence {
  std::uint16_t literals;
  std::uint16_t length;    // of the match; 0: none, at the end of the piece
  std::uint16_t distance;  // minus 1
};

// Remembers four bytes per hash slot over the whole stream.
class Matcher {
 public:
  Matcher();

  // Appends the next piece as sequences, of which the last has no match. `previous` is the last
  // kMaxDistance bytes before it, or empty; both lie in one buffer, `previous` directly before
  // `piece`.
  // REQUIRES: piece.size() >= 17
  void find(ConstBytes previous, ConstBytes piece, std::vector<Sequence>& sequences);

 private:
  static constexpr std::size_t kTableBits = 14;

  struct Slot {
    std::uint32_t bytes = 0;     // four input bytes, little-endian
    std::uint32_t position = 0;  // absolute: base_ + index in its piece
  };

  Slot exchange(std::uint32_t bytes, std::size_t index);
  void rebase();

  std::array<Slot, std::size_t{1} << kTableBits> table_;
  std::uint32_t base_ = kPieceSize;
};

}  // namespace tote::deflate
