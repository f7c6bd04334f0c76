// The small contents that are asked for most, in memory, so that serving them costs no look at the
// disk. Part of DirectoryStorage.
#pragma once

#include "base/mutex.h"
#include "oci/digest.h"
#include "testregistry/values/content.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace tote::testregistry {

// What is known of a tag, a manifest or a blob.
struct HotEntry {
  std::optional<oci::Digest> target = {};  // of a tag
  std::string media_type = {};             // of a manifest
  MemoryRange content = {};
  // When the file was last seen to be young enough for garbage collection to spare it: seconds of
  // the system's clock.
  mutable std::atomic<std::int64_t> kept_at = 0;
};

// Thread-safe. An entry holds for one generation of its repository: whoever changes or removes
// something that may be in here counts the generation up, after the change; whoever puts something
// in has read the generation before it read the disk.
class HotCache {
 public:
  // Larger contents are left to the file system.
  static constexpr std::uint64_t kMaxContent = 64 * 1024;

  // `capacity`: bytes of contents.
  explicit HotCache(std::uint64_t capacity) : capacity_(capacity) {}

  std::shared_ptr<const HotEntry> find(const std::string& key, std::uint64_t generation);
  void put(const std::string& key, std::uint64_t generation, std::shared_ptr<const HotEntry> entry);

 private:
  struct Slot {
    std::string key;
    std::uint64_t generation;
    std::shared_ptr<const HotEntry> entry;
  };
  using Slots = std::list<Slot>;

  static std::uint64_t cost(const Slot& slot);
  void drop(Slots::iterator slot) TOTE_REQUIRES(mutex_);

  const std::uint64_t capacity_;
  Mutex mutex_;
  std::uint64_t used_ TOTE_GUARDED_BY(mutex_) = 0;
  Slots slots_ TOTE_GUARDED_BY(mutex_);  // latest use first
  std::unordered_map<std::string, Slots::iterator> places_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry
