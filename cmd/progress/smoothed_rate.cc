#include "cmd/progress/smoothed_rate.h"

namespace tote::cmd {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 10s;
constexpr auto kBetweenSamples = 200ms;

}  // namespace

void SmoothedRate::add(Time now, std::uint64_t bytes) {
  // The newest is replaced until it is old enough to stay.
  if (samples_.size() > 1 && now - samples_[samples_.size() - 2].time < kBetweenSamples)
    samples_.back() = {now, bytes};
  else
    samples_.push_back({now, bytes});
  while (samples_.size() > 2 && samples_[1].time <= now - kWindow) samples_.pop_front();
}

double SmoothedRate::bytes_per_second(Time now) const {
  if (samples_.empty() || now <= samples_.front().time) return 0;
  const std::uint64_t first = samples_.front().bytes;
  const std::uint64_t last = samples_.back().bytes;
  if (last <= first) return 0;
  return static_cast<double>(last - first) /
         std::chrono::duration<double>(now - samples_.front().time).count();
}

}  // namespace tote::cmd
