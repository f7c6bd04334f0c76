// SHA-256, SHA-512: incremental, synchronous (FIPS 180-4, by OpenSSL's EVP).
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
  void update(ConstBytes data);
  // The digest of all bytes so far. Ends the hasher: neither update() nor finish() after it.
  std::vector<std::byte> finish();

 private:
  struct Impl;
  HashAlgorithm algorithm_;
  std::unique_ptr<Impl> impl_;
};

std::string to_hex(ConstBytes bytes);

}  // namespace tote
