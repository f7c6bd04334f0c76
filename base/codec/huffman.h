// Length-limited Huffman codes as deflate wants them (RFC 1951, 3.2.2). Internal to base/.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tote::deflate {

struct Code {
  std::uint16_t bits = 0;    // already reversed: written least significant bit first
  std::uint16_t length = 0;  // 0: the symbol does not occur
};

// An optimal code with no length over `limit` for symbols that occur `counts[i]` times. Among
// equally good codes it picks, by package-merge with ties going to packages, the one Go picks.
// With one or two used symbols every length is 1.
// REQUIRES: counts.size() <= 286, limit <= 15
std::vector<Code> huffman_code(std::span<const std::uint32_t> counts, unsigned limit);

}  // namespace tote::deflate
