// A clock that remembers what it was asked to sleep, and does not.
#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <mutex>
#include <vector>

namespace tote::test {

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) throw Cancelled();
    now_ += duration;
    slept_.push_back(duration);
  }
  std::vector<std::chrono::milliseconds> slept() {
    const std::lock_guard lock(mutex_);
    return slept_;
  }
  void advance(std::chrono::milliseconds duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::vector<std::chrono::milliseconds> slept_;
};

}  // namespace tote::test
