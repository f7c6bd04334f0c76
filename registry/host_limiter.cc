#include "registry/host_limiter.h"

#include "base/error.h"
#include "base/mutex.h"

#include <algorithm>

namespace tote::registry {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;
constexpr int kSmoothing = 8;  // each measurement counts for one in so many

bool says_too_many(int status, bool names_time) {
  return status == kTooManyRequests || (status == kServiceUnavailable && names_time);
}

}  // namespace

HostLimiter::Turn::Turn(HostLimiter& limiter, Weight weight, const std::stop_token& stop)
    : limiter_(limiter), weight_(weight) {
  limiter_.enter(*this, stop);
}

HostLimiter::Turn::~Turn() {
  limiter_.leave(*this);
}

void HostLimiter::Turn::answered(int status, std::optional<std::chrono::seconds> retry_after) {
  const Lock lock(limiter_.mutex_);
  if (weight_ == Weight::kCounted) limiter_.measure(limiter_.clock_.now() - begun_);
  if (says_too_many(status, retry_after.has_value()))
    limiter_.lower(*this, retry_after);
  else if (status < 500)
    limiter_.count_success();
}

void HostLimiter::enter(Turn& turn, const std::stop_token& stop) {
  const bool is_counted = turn.weight_ == Weight::kCounted;
  for (;;) {
    Lock lock(mutex_);
    const auto has_room = [&]() TOTE_REQUIRES(mutex_) {
      return !is_counted || under_way_ < allowed_;
    };
    if (!changed_.wait(lock, stop, has_room)) throw Cancelled();
    const auto now = clock_.now();
    const auto earliest = std::max(not_before_, next_slot_);
    if (now >= earliest) {
      next_slot_ = now + policy_.least_distance;
      if (is_counted) ++under_way_;
      turn.era_ = era_;
      turn.begun_ = now;
      return;
    }
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(earliest - now);
    lock.unlock();
    clock_.sleep(pause, stop);
  }
}

void HostLimiter::leave(const Turn& turn) noexcept {
  if (turn.weight_ == Weight::kUncounted) return;
  const Lock lock(mutex_);
  --under_way_;
  changed_.notify_all();
}

// Requests that were sent together are refused together: that is one reason, not many.
void HostLimiter::lower(const Turn& turn, std::optional<std::chrono::seconds> pause) {
  if (pause && *pause <= policy_.max_pause)
    not_before_ = std::max(not_before_, clock_.now() + *pause);
  if (turn.era_ != era_) return;
  ++era_;
  successes_ = 0;
  allowed_ = std::max<std::size_t>(std::min(allowed_, under_way_) / 2, 1);
}

void HostLimiter::count_success() {
  if (allowed_ >= policy_.max_under_way || ++successes_ < allowed_) return;
  successes_ = 0;
  ++allowed_;
  changed_.notify_all();
}

void HostLimiter::measure(std::chrono::steady_clock::duration time) {
  const auto measured = std::chrono::duration_cast<std::chrono::microseconds>(time);
  latency_ = latency_ ? (*latency_ * (kSmoothing - 1) + measured) / kSmoothing : measured;
}

std::size_t HostLimiter::allowed() const {
  const Lock lock(mutex_);
  return allowed_;
}

std::size_t HostLimiter::under_way() const {
  const Lock lock(mutex_);
  return under_way_;
}

std::optional<std::chrono::microseconds> HostLimiter::latency() const {
  const Lock lock(mutex_);
  return latency_;
}

}  // namespace tote::registry
