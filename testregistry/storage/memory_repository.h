// A repository of the memory storage: what it holds, and what goes when its garbage is collected.
// Part of MemoryStorage.
#pragma once

#include "base/mutex.h"
#include "oci/digest.h"
#include "testregistry/storage/reachability.h"
#include "testregistry/storage/record_store.h"
#include "testregistry/storage/running_hash.h"
#include "testregistry/storage/upkeep.h"
#include "testregistry/values/content.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tote::testregistry {

using MemoryTime = std::chrono::steady_clock::time_point;
inline MemoryTime memory_now() {
  return std::chrono::steady_clock::now();
}

// An upload session. Its bytes belong to the request that has set `busy`.
struct MemoryUpload {
  explicit MemoryUpload(HashAlgorithm algorithm) : hash(algorithm) {}
  bool busy = false;
  MemoryTime touched = memory_now();
  std::string bytes = {};
  RunningHash hash;
  std::atomic<std::uint64_t> size = 0;  // of `bytes`, for those who do not hold the session
};

struct MemoryBlob {
  Content content;
  MemoryTime touched = memory_now();  // when it was last wanted: what is young is not collected
};

struct MemoryManifest {
  MemoryBlob held;
  std::string media_type;
  std::optional<oci::Digest> subject;
};

struct MemoryRepository {
  SharedMutex mutex;  // of all of it
  std::unordered_map<oci::Digest, MemoryBlob> blobs TOTE_GUARDED_BY(mutex);
  std::map<oci::Digest, MemoryManifest> manifests TOTE_GUARDED_BY(mutex);
  std::map<std::string, oci::Digest> tags TOTE_GUARDED_BY(mutex);
  std::map<oci::Digest, std::map<oci::Digest, Referrer>> referrers
      TOTE_GUARDED_BY(mutex);  // by subject
  std::unordered_map<std::string, std::shared_ptr<MemoryUpload>> uploads TOTE_GUARDED_BY(mutex);

  // Nobody has pushed to it, or nothing is left.
  bool is_empty();
  bool has_all(const std::vector<oci::Digest>& needed) const TOTE_REQUIRES_SHARED(mutex);
  void drop_manifest(const oci::Digest& digest) TOTE_REQUIRES(mutex);
  // How many bytes fewer the repository has after it.
  // `everywhere`: the manifests of all repositories.
  std::uint64_t collect(const CollectOptions& options,
                        const std::unordered_set<oci::Digest>& everywhere, Collected& done,
                        const std::stop_token& stop);
  // Neither with the lock held, if `with_locks`.
  ManifestLinks read_links(const oci::Digest& digest, const Content& manifest, bool with_locks);
  LinkMap read_links(bool with_locks, const std::stop_token& stop);
};

using MemoryRepositoryPtr = std::shared_ptr<MemoryRepository>;

}  // namespace tote::testregistry
