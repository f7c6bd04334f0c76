// SHA-256 of one message that may move between OpenSSL and the lanes. Internal to base/.
#pragma once

#include "base/sha256_combiner.h"
#include "base/stream.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tote {

// Not thread-safe. The combiner must outlive it.
class Sha256Stream {
 public:
  explicit Sha256Stream(Sha256Combiner& combiner) : combiner_(&combiner) {}

  void update(ConstBytes data);
  // Ends the stream.
  std::vector<std::byte> finish();

 private:
  void advance(ConstBytes blocks);

  Sha256Combiner* combiner_;
  Sha256State state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::uint64_t bytes_ = 0;
  std::array<std::byte, kSha256Block> begun_{};  // bytes_ % 64 of it: a block that is not whole
};

}  // namespace tote
