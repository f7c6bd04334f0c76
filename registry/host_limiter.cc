#include "registry/host_limiter.h"

#include "base/error.h"
#include "base/mutex.h"

#include <algorithm>

namespace tote::registry {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;
constexpr int kSmoothing = 8;  // each measurement counts for one in so many

AdaptiveLevel level_of(const LimitPolicy& policy) {
  const std::size_t most = std::max<std::size_t>(policy.max_under_way, 1);
  return {std::clamp<std::size_t>(policy.first_under_way, 1, most), most};
}

}  // namespace

HostLimiter::HostLimiter(const LimitPolicy& policy, Clock& clock)
    : policy_(policy), clock_(clock), level_(level_of(policy)) {}

HostLimiter::Turn::Turn(HostLimiter& limiter, Weight weight, std::string_view method,
                        const std::stop_token& stop)
    : limiter_(limiter), weight_(weight), method_(method) {
  limiter_.enter(*this, stop);
}

HostLimiter::Turn::~Turn() {
  limiter_.leave(*this);
}

void HostLimiter::Turn::answered(int status, std::optional<std::chrono::seconds> retry_after) {
  const Lock lock(limiter_.mutex_);
  if (weight_ == Weight::kCounted) limiter_.measure(limiter_.clock_.now() - begun_);
  if (status == kTooManyRequests || status == kServiceUnavailable) {
    limiter_.pause(retry_after);
    if (limiter_.lower(*this) && status == kTooManyRequests)
      limiter_.pace_.refused(limiter_.clock_.now());
  } else if (status < 500) {
    limiter_.count_success(*this);
  }
}

void HostLimiter::Turn::broke() {
  const Lock lock(limiter_.mutex_);
  if (weight_ == Weight::kCounted) limiter_.lower(*this);
}

void HostLimiter::enter(Turn& turn, const std::stop_token& stop) {
  const bool is_counted = turn.weight_ == Weight::kCounted;
  for (;;) {
    Lock lock(mutex_);
    const auto has_room = [&]() TOTE_REQUIRES(mutex_) {
      return !is_counted || under_way_ < level_.allowed();
    };
    if (!changed_.wait(lock, stop, has_room)) throw Cancelled();
    const auto now = clock_.now();
    const auto earliest = std::max(not_before_, next_slot_);
    if (now >= earliest) {
      next_slot_ = now + std::max(policy_.least_distance, pace_.distance());
      if (is_counted) ++under_way_;
      turn.era_ = era_;
      turn.begun_ = now;
      return;
    }
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(earliest - now);
    lock.unlock();
    try {
      clock_.sleep(pause, stop);
    } catch (...) {
      changed_.notify_one();  // the room is another's
      throw;
    }
  }
}

void HostLimiter::leave(const Turn& turn) noexcept {
  if (turn.weight_ == Weight::kUncounted) return;
  const Lock lock(mutex_);
  --under_way_;
  changed_.notify_one();
}

void HostLimiter::pause(std::optional<std::chrono::seconds> time) {
  if (time && *time <= policy_.max_pause) not_before_ = std::max(not_before_, clock_.now() + *time);
}

// Requests that were sent together are refused together: that is one reason, not many. Returns
// whether it is the first.
bool HostLimiter::lower(const Turn& turn) {
  if (turn.era_ != era_) return false;
  ++era_;
  level_.refused(under_way_);
  return true;
}

void HostLimiter::count_success(const Turn& turn) {
  pace_.accepted(clock_.now());
  if (turn.weight_ == Weight::kUncounted) return;
  const std::size_t before = level_.allowed();
  level_.succeeded(turn.method_, clock_.now() - turn.begun_, under_way_);
  if (level_.allowed() > before) changed_.notify_all();
}

void HostLimiter::measure(std::chrono::steady_clock::duration time) {
  const auto measured = std::chrono::duration_cast<std::chrono::microseconds>(time);
  latency_ = latency_ ? (*latency_ * (kSmoothing - 1) + measured) / kSmoothing : measured;
}

std::size_t HostLimiter::allowed() const {
  const Lock lock(mutex_);
  return level_.allowed();
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
