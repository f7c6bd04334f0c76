#include "registry/pace.h"

#include <algorithm>

namespace tote::registry {
namespace {

constexpr std::chrono::seconds kTogether{10};
constexpr double kMostCounted = 2000;  // requests a second; nobody limits above that
// A host that refuses one kind of request whatever the pace must not keep all others from it.
constexpr double kLeast = 2;
// After a refusal the rate goes back to nine tenths. Growing by a thousandth for each request, and
// each time by a twentieth more than that, it is back after about forty: one in forty is refused.
constexpr double kLess = 0.9;
constexpr double kFirstGrowth = 0.001;
constexpr double kMoreGrowth = 1.05;

}  // namespace

void Pace::forget_before(Time time) {
  while (!accepted_.empty() && accepted_.front() < time) accepted_.pop_front();
}

void Pace::accepted(Time now) {
  accepted_.push_back(now);
  forget_before(now - std::chrono::seconds(1));
  if (static_cast<double>(accepted_.size()) > kMostCounted) accepted_.pop_front();
  if (rate_ == 0) return;
  rate_ *= 1 + growth_;
  growth_ = std::min(growth_ * kMoreGrowth, 1.0);
  if (rate_ > kMostCounted) rate_ = 0;
}

void Pace::refused(Time now) {
  forget_before(now - std::chrono::seconds(1));
  const auto taken = static_cast<double>(accepted_.size());
  const bool is_repeated = last_refusal_ && now - *last_refusal_ < kTogether;
  last_refusal_ = now;
  growth_ = kFirstGrowth;
  if (rate_ > 0)
    rate_ = std::max(std::min(rate_, taken > 0 ? taken : rate_ / 2) * kLess, kLeast);
  else if (is_repeated && taken > 0)
    rate_ = taken * kLess;
}

std::chrono::microseconds Pace::distance() const {
  if (rate_ == 0) return {};
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::duration<double>(1 / rate_));
}

}  // namespace tote::registry
