// When to try again, and after how long.
#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace tote {

// Hears of every wait before another try: how long it is, and why. Any thread.
using RetryListener = std::function<void(std::chrono::milliseconds, const Error&)>;

struct RetryPolicy {
  int max_attempts = 5;                        // all tries together; below 1 counts as 1
  std::chrono::milliseconds first_delay{100};  // doubles from try to try
  std::chrono::milliseconds max_delay{10'000};
  // A server that asks for more patience than this is told to the user instead.
  std::chrono::milliseconds max_retry_after{300'000};
  RetryListener on_retry = {};
};

// The wait after the failed try number `attempt` (from 1); nullopt: do not try again. Pure.
// `jitter` in [0, 1) spreads clients that failed together; `retry_after` of a server is a floor
// that max_delay does not lower.
std::optional<std::chrono::milliseconds> retry_delay(
    const RetryPolicy& policy, int attempt, std::optional<std::chrono::milliseconds> retry_after,
    double jitter);

// Counts the tries of one piece of work.
class Retries {
 public:
  Retries(const RetryPolicy& policy, Clock& clock) : policy_(policy), clock_(clock) {}

  // After a failure: waits for the next try, or throws the failure, given up, if there is none:
  // because it is final, or because the tries are used up. One from which something was learned
  // (kAtOnce) neither waits nor counts. Call from inside the catch block.
  void wait_or_rethrow(Error& failure, std::stop_token stop);
  // A transfer has come to this byte. If that is progress the next failure is the first again: 64
  // KiB for each try that is given anew, a thousand times at most, so that a far side which takes
  // or sends a byte a try does not keep us for ever.
  void advanced_to(std::uint64_t position) noexcept;

 private:
  const RetryPolicy& policy_;
  Clock& clock_;
  int attempt_ = 0;
  int resets_ = 0;
  int lessons_ = 0;            // failures that are not to be waited for
  std::uint64_t counted_ = 0;  // the position up to which progress has been rewarded
};

}  // namespace tote
