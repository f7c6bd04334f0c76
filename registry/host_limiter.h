// How many requests one host gets at a time, and when: it is left alone when it asks for that.
#pragma once

#include "base/clock.h"
#include "base/mutex.h"
#include "registry/adaptive_level.h"
#include "registry/pace.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::registry {

struct LimitPolicy {
  std::size_t max_under_way = std::numeric_limits<std::size_t>::max();
  // With which it begins, and how many it finds out to be good (AdaptiveLevel).
  std::size_t first_under_way = std::numeric_limits<std::size_t>::max();
  // A host that asks for a longer pause is asked at once, and whoever hears of it may give up.
  std::chrono::milliseconds max_pause{300'000};
  // Between the beginnings of two requests.
  std::chrono::microseconds least_distance{0};
};

// Thread-safe. Every request waits for a Turn, and tells it what came of it.
//
// A host that says "too many" (429, 503) gets nothing before the time that it names, from anybody,
// and after that half as many requests at a time as before, at the least one; so does one that does
// not answer. How many are good is found out (AdaptiveLevel), and after 429 how many a second
// (Pace).
class HostLimiter {
 public:
  // kUncounted: a request that must not keep others from their turn: its body is a stream that may
  // come from the same host, or it races another one. It waits for pauses only.
  enum class Weight { kCounted, kUncounted };

  // The clock must outlive it.
  HostLimiter(const LimitPolicy& policy, Clock& clock);

  // A request under way: from here until its answer begins, or this is destroyed.
  class Turn {
   public:
    // Waits until the request may be sent. Throws Cancelled when `stop` ends that.
    Turn(HostLimiter& limiter, Weight weight, std::string_view method, const std::stop_token& stop);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

    // The head of the answer is there. Call once.
    void answered(int status, std::optional<std::chrono::seconds> retry_after);
    // There will be no answer. Call once.
    void broke();

   private:
    friend class HostLimiter;
    HostLimiter& limiter_;
    const Weight weight_;
    const std::string method_;
    std::uint64_t era_ = 0;  // how often the limit had been lowered
    std::chrono::steady_clock::time_point begun_;
  };

  // How many may be under way at once.
  std::size_t allowed() const;
  std::size_t under_way() const;
  // From the sending of a request to the head of its answer, smoothed over about eight of them;
  // nullopt: there was none. Nothing is decided by it.
  std::optional<std::chrono::microseconds> latency() const;

 private:
  void enter(Turn& turn, const std::stop_token& stop);
  void leave(const Turn& turn) noexcept;
  void pause(std::optional<std::chrono::seconds> time) TOTE_REQUIRES(mutex_);
  bool lower(const Turn& turn) TOTE_REQUIRES(mutex_);
  void count_success(const Turn& turn) TOTE_REQUIRES(mutex_);
  void measure(std::chrono::steady_clock::duration time) TOTE_REQUIRES(mutex_);

  const LimitPolicy policy_;
  Clock& clock_;
  mutable Mutex mutex_;
  Condition changed_;
  AdaptiveLevel level_ TOTE_GUARDED_BY(mutex_);
  Pace pace_ TOTE_GUARDED_BY(mutex_);
  std::size_t under_way_ TOTE_GUARDED_BY(mutex_) = 0;
  std::uint64_t era_ TOTE_GUARDED_BY(mutex_) = 0;
  std::chrono::steady_clock::time_point not_before_ TOTE_GUARDED_BY(mutex_){};
  std::chrono::steady_clock::time_point next_slot_ TOTE_GUARDED_BY(mutex_){};
  std::optional<std::chrono::microseconds> latency_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::registry
