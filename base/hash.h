// SHA-256, SHA-512: incremental (FIPS 180-4). By OpenSSL's EVP; but where OpenSSL has no SHA
// instructions and the machine few cores, long messages that grow at the same time share vector
// registers (base/sha256_combiner.h).
#pragma once

#include "base/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace tote {

enum class HashAlgorithm { kSha256, kSha512 };

// Length of a digest in bytes: 32 or 64.
std::size_t hash_size(HashAlgorithm algorithm) noexcept;

// Not thread-safe; one per stream.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  HashAlgorithm algorithm() const noexcept { return algorithm_; }
  // Copies what it does not hash at once; waits for other threads at most while they hash for it.
  void update(ConstBytes data);
  // The digest of all bytes so far. Ends the hasher: neither update() nor finish() after it.
  std::vector<std::byte> finish();

 private:
  struct Impl;
  HashAlgorithm algorithm_;
  std::unique_ptr<Impl> impl_;
};

// How many long messages it pays to hash with SHA-256 at a time, whatever else there is to do: 1
// where each is hashed by itself.
std::size_t sha256_lanes();

std::string to_hex(ConstBytes bytes);

}  // namespace tote
