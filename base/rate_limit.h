// No more than so many bytes a second.
#pragma once

#include "base/clock.h"
#include "base/mutex.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>

namespace tote {

// Thread-safe: all who share one get the rate together. The clock must outlive it.
class RateLimit {
 public:
  // REQUIRES: bytes_per_second > 0
  RateLimit(std::uint64_t bytes_per_second, Clock& clock)
      : bytes_per_second_(bytes_per_second), clock_(clock) {}

  // Returns when so many bytes more are due. Throws Cancelled when `stop` fires.
  void take(std::uint64_t bytes, const std::stop_token& stop);
  // How many to take at once, so that nobody waits for long: a tenth of a second's.
  std::size_t piece() const noexcept;

 private:
  const std::uint64_t bytes_per_second_;
  Clock& clock_;
  Mutex mutex_;
  // When all that was taken so far has had its time.
  std::chrono::steady_clock::time_point paid_until_ TOTE_GUARDED_BY(mutex_){};
};

}  // namespace tote
