// The digest of a file that grows: hashed while it grows, behind whoever writes it, by another
// thread if one is free. Reading the file once more costs less than making the writer wait for
// the hash of every piece, and what is verified is what is stored. Internal to testregistry/.
#pragma once

#include "base/file.h"
#include "base/mutex.h"
#include "oci/digest.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace tote::testregistry {

// Thread-safe. `file` is always the same, open for reading; who reads it throws Error{kIo}.
class TrailingHash {
 public:
  explicit TrailingHash(HashAlgorithm algorithm) : hasher_(algorithm) {}

  // The file has that many bytes now.
  void grow_to(std::uint64_t size);
  // True if it would pay that another thread calls follow(); then one has to, or unfollow().
  bool wants_follower();

  // Hashes what there is, unless another thread is at it, but not for long: others want the thread
  // too. True: there is more, call again.
  bool follow(const File& file, const std::stop_token& stop);
  // In the place of follow().
  void unfollow();

  // For the writer of `bytes` more: if the hash is far behind, waits for that much of it, or does
  // it, so that it falls no further behind and no write takes long.
  void keep_up(const File& file, std::uint64_t bytes);

  // Waits for the rest, or does it. nullopt if it hashes by another algorithm, was asked before, or
  // the file has become shorter.
  std::optional<oci::Digest> finish(const File& file, HashAlgorithm algorithm);
  // Nobody will ask for the digest: whoever follows stops.
  void abandon();

 private:
  void hash_to(const File& file, std::uint64_t goal);
  void hash_piece(Lock& lock, const File& file) TOTE_REQUIRES(mutex_);

  Mutex mutex_;
  Condition moved_;
  std::uint64_t written_ TOTE_GUARDED_BY(mutex_) = 0;
  std::uint64_t hashed_ TOTE_GUARDED_BY(mutex_) = 0;
  bool hashing_ TOTE_GUARDED_BY(mutex_) = false;   // a thread has the hasher, without the lock
  bool followed_ TOTE_GUARDED_BY(mutex_) = false;  // follow() is running, or was asked for
  bool spent_ TOTE_GUARDED_BY(mutex_) = false;     // there is no digest to be had any more
  Hasher hasher_;                                  // of who set hashing_
};

}  // namespace tote::testregistry
