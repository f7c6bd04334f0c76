#include "base/rate_limit.h"

#include <algorithm>

namespace tote {

using std::chrono::duration;
using std::chrono::steady_clock;

void RateLimit::take(std::uint64_t bytes, const std::stop_token& stop) {
  const duration<double> time(static_cast<double>(bytes) / static_cast<double>(bytes_per_second_));
  const auto now = clock_.now();
  steady_clock::duration wait{};
  {
    const Lock lock(mutex_);
    // Time in which nobody wanted anything is not saved up.
    paid_until_ =
        std::max(paid_until_, now) + std::chrono::duration_cast<steady_clock::duration>(time);
    wait = paid_until_ - now;
  }
  clock_.sleep(std::chrono::ceil<std::chrono::milliseconds>(wait), stop);
}

std::size_t RateLimit::piece() const noexcept {
  constexpr std::uint64_t kLeast = 1024;
  constexpr std::uint64_t kMost = 128U * 1024;
  return static_cast<std::size_t>(std::clamp(bytes_per_second_ / 10, kLeast, kMost));
}

}  // namespace tote
