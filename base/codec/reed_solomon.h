// Reed-Solomon erasure coding over GF(2^8), by ISA-L: any `data` of data + parity blocks give all
// of them. The matrix is Cauchy's (each of its squares can be inverted, which is not so of every
// Vandermonde matrix): parity block j is the sum of data block i times 1 / ((data + j) xor i), in
// the field of the polynomial 0x11d.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <vector>

namespace tote {

// data + parity blocks are at most so many.
inline constexpr unsigned kMaxErasureBlocks = 255;

// Weighted sums of blocks, to which one block after the other is added: only the sums are in
// memory. Immutable, thread-safe.
class BlockSums {
 public:
  // `weights`: for each sum a row with one weight for each block.
  BlockSums(unsigned blocks, unsigned sums, const std::vector<std::uint8_t>& weights);

  unsigned sums() const noexcept { return sums_; }
  // Adds block `index` to the beginning of every sum.
  // REQUIRES: index < blocks; there are sums() of them, each as long as the block or longer
  void add(unsigned index, ConstBytes block, std::vector<std::vector<std::byte>>& sums) const;

 private:
  unsigned blocks_;
  unsigned sums_;
  std::vector<std::uint8_t> tables_;  // ISA-L's, of 32 bytes for each weight
};

// The sums are the parity blocks. REQUIRES: 0 < data; data + parity <= kMaxErasureBlocks
BlockSums parity_sums(unsigned data, unsigned parity);

// The one sum is data block `wanted`, of the blocks `sources`: parity blocks count from `data` on.
// Block i of the sum is sources[i]. REQUIRES: there are `data` sources, each another
BlockSums rebuilding_sum(unsigned data, unsigned parity, const std::vector<unsigned>& sources,
                         unsigned wanted);

}  // namespace tote
