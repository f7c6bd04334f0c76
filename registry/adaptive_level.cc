#include "registry/adaptive_level.h"

#include <algorithm>

namespace tote::registry {
namespace {

// Below that an answer tells more about this machine than about the host.
constexpr std::chrono::duration<double> kNoise{0.001};
constexpr double kAsFast = 1.5;
constexpr double kMuchSlower = 3;
// Windows that it takes to try what was refused once more.
constexpr std::size_t kPatience = 16;

std::size_t kind_of(std::string_view method) {
  constexpr std::array<std::string_view, 4> kMethods = {"HEAD", "GET", "POST", "PUT"};
  return static_cast<std::size_t>(std::find(kMethods.begin(), kMethods.end(), method) -
                                  kMethods.begin());
}

}  // namespace

AdaptiveLevel::AdaptiveLevel(std::size_t first, std::size_t most) noexcept
    : first_(first), most_(most), allowed_(first), refused_at_(most + 1) {}

void AdaptiveLevel::succeeded(std::string_view method, std::chrono::steady_clock::duration time,
                              std::size_t under_way) {
  Times& times = times_.at(kind_of(method));
  times.together += std::max(Seconds(time), kNoise);
  ++times.answers;
  was_reached_ = was_reached_ || under_way >= allowed_;
  if (++answers_ >= allowed_) end_window();
}

void AdaptiveLevel::end_window() {
  const double slowness = take_slowness();
  const bool was_reached = was_reached_;
  begin_window();
  if (slowness > kAsFast) is_starting_ = false;
  if (slowness > kMuchSlower) {
    windows_ = 0;
    allowed_ = std::max(std::min(first_, allowed_), allowed_ * 3 / 4);
  }
  if (slowness > kAsFast || !was_reached || allowed_ >= most_) return;
  if (is_starting_) {
    allowed_ = std::min(allowed_ * 2, most_);
    return;
  }
  if (allowed_ + 1 >= refused_at_ && ++windows_ < kPatience) return;
  windows_ = 0;
  ++allowed_;
  refused_at_ = std::max(refused_at_, allowed_ + 1);
}

// How many times as long as alone the answers of a window took, and learns how long that is: what
// is cached and what is not differ, so it is a mean, never the best.
double AdaptiveLevel::take_slowness() {
  double sum = 0;
  for (Times& times : times_) {
    if (times.answers == 0) continue;
    const Seconds mean = times.together / static_cast<double>(times.answers);
    if (times.alone.count() == 0 || mean < times.alone)
      times.alone = mean;
    else if (allowed_ <= first_)
      times.alone = (times.alone * 3 + mean) / 4;
    sum += mean / times.alone * static_cast<double>(times.answers);
  }
  return sum / static_cast<double>(answers_);
}

void AdaptiveLevel::begin_window() noexcept {
  answers_ = 0;
  for (Times& times : times_) {
    times.together = {};
    times.answers = 0;
  }
  was_reached_ = false;
}

void AdaptiveLevel::refused(std::size_t under_way) noexcept {
  is_starting_ = false;
  windows_ = 0;
  refused_at_ = std::max<std::size_t>(std::min(allowed_, under_way), 2);
  allowed_ = std::max<std::size_t>(std::min(allowed_, under_way) / 2, 1);
  begin_window();
}

}  // namespace tote::registry
