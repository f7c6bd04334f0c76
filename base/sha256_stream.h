// SHA-256 of one message that OpenSSL hashes while it is alone or short, and that moves to the
// lanes when there are others. Internal to base/.
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
  explicit Sha256Stream(Sha256Combiner& combiner) : combiner_(combiner) {}
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  ~Sha256Stream();

  void update(ConstBytes data);
  // Ends the stream.
  std::vector<std::byte> finish();

 private:
  void hash(ConstBytes data);

  Sha256Combiner& combiner_;
  Sha256State state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  Sha256Combiner::Member member_{state_};
  std::uint64_t bytes_ = 0;
  std::array<std::byte, kSha256Block> block_{};  // one that is not whole
  std::size_t begun_ = 0;                        // so much of it
};

}  // namespace tote
