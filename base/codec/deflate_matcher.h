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

// A literal byte, or a match of 3..258 bytes that begins 1..32768 bytes back.
struct Token {
  std::uint16_t length;    // 0: a literal
  std::uint16_t distance;  // minus 1 for a match; the byte for a literal
};

// Remembers four bytes per hash slot over the whole stream, and the previous piece.
class Matcher {
 public:
  Matcher();

  // Appends the tokens of the next piece. `previous` is the piece before it, or empty; both lie in
  // one buffer, `previous` directly before `piece`.
  // REQUIRES: piece.size() >= 17
  void find(ConstBytes previous, ConstBytes piece, std::vector<Token>& tokens);

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
