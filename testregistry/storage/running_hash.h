// The digest of an upload, kept up while its bytes arrive. Internal to testregistry/.
#pragma once

#include "oci/digest.h"

#include <cstdint>
#include <optional>

namespace tote::testregistry {

class RunningHash {
 public:
  explicit RunningHash(HashAlgorithm algorithm) : hasher_(algorithm) {}

  // `offset`: how much came before. What does not follow on what it has seen (a session that
  // began before a restart) it leaves out, and then has no answer.
  void update(std::uint64_t offset, ConstBytes data) {
    if (offset != hashed_) return;
    hasher_.update(data);
    hashed_ += data.size();
  }
  // The digest of `size` bytes; nullopt if it has seen others, or hashes by another algorithm.
  // Ends the hash.
  std::optional<oci::Digest> finish(std::uint64_t size, HashAlgorithm algorithm) {
    if (hashed_ != size || hasher_.algorithm() != algorithm) return std::nullopt;
    hashed_ = UINT64_MAX;  // whoever asks again must hash again
    return oci::Digest::of(hasher_);
  }

 private:
  Hasher hasher_;
  std::uint64_t hashed_ = 0;
};

}  // namespace tote::testregistry
