// The digest of a file that grows: hashed while it grows, behind whoever writes it, by another
// thread if one is free. Reading the file once more costs less than making the writer wait for
// the hash of every piece, and what is verified is what is stored. Internal to testregistry/.
#pragma once

#include "oci/digest.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

namespace tote::testregistry {

// Thread-safe. `file` is always the same file, open for reading; all but grow_to() read it, and
// throw Error{kIo}.
class TrailingHash {
 public:
  explicit TrailingHash(HashAlgorithm algorithm) : hasher_(algorithm) {}

  // The file has that many bytes now. True if somebody should call follow(), which is told once.
  bool grow_to(std::uint64_t size);

  // Hashes until there is nothing left, unless another thread is at it.
  void follow(int file, const std::stop_token& stop);

  // For the writer of `bytes` more: if the hash is far behind, waits for that much of it, or does
  // it, so that it falls no further behind and no write takes long.
  void keep_up(int file, std::uint64_t bytes);

  // Waits for the rest, or does it. nullopt if it hashes by another algorithm, or was asked
  // before.
  std::optional<oci::Digest> finish(int file, HashAlgorithm algorithm);

 private:
  void hash_to(int file, std::uint64_t goal);
  void hash_piece(std::unique_lock<std::mutex>& lock, int file);

  std::mutex mutex_;
  std::condition_variable moved_;
  std::uint64_t written_ = 0;
  std::uint64_t hashed_ = 0;
  bool hashing_ = false;   // a thread has the hasher, without the lock
  bool followed_ = false;  // follow() is running, or was asked for
  bool finished_ = false;
  Hasher hasher_;  // of who set hashing_
};

}  // namespace tote::testregistry
