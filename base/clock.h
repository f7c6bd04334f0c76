// Time, as something that tests can replace.
#pragma once

#include <chrono>
#include <stop_token>

namespace tote {

// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Monotonic.
  virtual std::chrono::steady_clock::time_point now() = 0;
  // Returns after `duration`, or throws Cancelled as soon as `stop` is requested.
  virtual void sleep(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

// The real one.
Clock& system_clock();

}  // namespace tote
