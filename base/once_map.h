// Values that many threads want and that one of them makes, while the others wait for that one and
// nobody waits for another key.
#pragma once

#include "base/error.h"
#include "base/mutex.h"

#include <map>
#include <optional>
#include <stop_token>
#include <utility>
#include <variant>

namespace tote {

// Thread-safe. No lock is held while a value is made.
template <class Key, class Value>
class OnceMap {
 public:
  // The value of `key`: the one that is there if `is_good(value)`, else what `make()` returns,
  // called by one thread at a time for each key. If it throws, who called it gets the exception
  // and the next that waits tries by itself. Throws Cancelled when `stop` ends the waiting.
  template <class Make, class IsGood>
  Value get(const Key& key, const std::stop_token& stop, Make make, IsGood is_good) {
    Lock lock(mutex_);
    Slot& slot = slots_[key];  // never removed, so the reference stays
    if (!changed_.wait(lock, stop, [&] { return !slot.is_being_made; })) throw Cancelled();
    if (slot.value && is_good(*slot.value)) return *slot.value;
    slot.is_being_made = true;
    lock.unlock();
    std::optional<Value> made;
    try {
      made = make();
    } catch (...) {
      lock.lock();
      finish(slot);
      throw;
    }
    lock.lock();
    slot.value = made;
    finish(slot);
    return *std::move(made);
  }
  template <class Make>
  Value get(const Key& key, const std::stop_token& stop, Make make) {
    return get(key, stop, std::move(make), [](const Value&) { return true; });
  }

  // Keeps `value` unless there is one already. REQUIRES: nobody makes one for `key`
  void put(const Key& key, Value value) {
    const Lock lock(mutex_);
    Slot& slot = slots_[key];
    if (!slot.value) slot.value = std::move(value);
  }

  // Removes the value if there is one for which `is_bad(value)`; whether it did.
  template <class IsBad>
  bool forget_if(const Key& key, IsBad is_bad) {
    const Lock lock(mutex_);
    const auto found = slots_.find(key);
    if (found == slots_.end() || !found->second.value || !is_bad(*found->second.value))
      return false;
    found->second.value.reset();
    return true;
  }

 private:
  struct Slot {
    std::optional<Value> value;
    bool is_being_made = false;
  };

  void finish(Slot& slot) TOTE_REQUIRES(mutex_) {
    slot.is_being_made = false;
    changed_.notify_all();
  }

  Mutex mutex_;
  Condition changed_;
  std::map<Key, Slot> slots_ TOTE_GUARDED_BY(mutex_);
};

// One such value.
template <class Value>
class OnceValue {
 public:
  // As OnceMap::get().
  template <class Make>
  Value get(const std::stop_token& stop, Make make) {
    return map_.get({}, stop, std::move(make));
  }

 private:
  OnceMap<std::monostate, Value> map_;
};

}  // namespace tote
