#include "testregistry/storage/directory/hot_cache.h"

#include "base/mutex.h"

namespace tote::testregistry {

// With what the slot itself takes, about.
std::uint64_t HotCache::cost(const Slot& slot) {
  constexpr std::uint64_t kOverhead = 512;
  return slot.entry->content.length + 2 * slot.key.size() + kOverhead;
}

void HotCache::drop(Slots::iterator slot) {
  used_ -= cost(*slot);
  places_.erase(slot->key);
  slots_.erase(slot);
}

std::shared_ptr<const HotEntry> HotCache::find(const std::string& key, std::uint64_t generation) {
  const Lock lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  const Slots::iterator slot = found->second;
  if (slot->generation != generation) {
    drop(slot);
    return nullptr;
  }
  slots_.splice(slots_.begin(), slots_, slot);
  return slot->entry;
}

void HotCache::put(const std::string& key, std::uint64_t generation,
                   std::shared_ptr<const HotEntry> entry) {
  const Lock lock(mutex_);
  if (const auto found = places_.find(key); found != places_.end()) drop(found->second);
  slots_.push_front({key, generation, std::move(entry)});
  places_[key] = slots_.begin();
  used_ += cost(slots_.front());
  while (used_ > capacity_) drop(std::prev(slots_.end()));
}

}  // namespace tote::testregistry
