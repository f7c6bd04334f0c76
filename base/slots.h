// So many at a time: for what needs much memory, or reads much, however many threads there are.
#pragma once

#include <cstddef>
#include <semaphore>

namespace tote {

// Thread-safe. Whoever holds one must not wait for another of the same.
class Slots {
 public:
  // REQUIRES: number > 0
  explicit Slots(std::size_t number) : free_(static_cast<std::ptrdiff_t>(number)) {}

  // Is held from when there is one until it is destroyed. The slots must outlive it.
  class Slot {
   public:
    explicit Slot(Slots& slots) : slots_(slots) { slots_.free_.acquire(); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { slots_.free_.release(); }

   private:
    Slots& slots_;
  };

 private:
  std::counting_semaphore<> free_;
};

}  // namespace tote
