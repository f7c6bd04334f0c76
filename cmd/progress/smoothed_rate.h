// Bytes a second, over the last ten.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace tote::cmd {

class SmoothedRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // So much has been moved by then, in all; it may fall, when a retry takes bytes back.
  void add(Time now, std::uint64_t bytes);
  // 0: nothing is known yet, or nothing moves.
  double bytes_per_second(Time now) const;

 private:
  struct Sample {
    Time time;
    std::uint64_t bytes;
  };
  // A few a second, from one that is at least ten seconds old to the newest.
  std::deque<Sample> samples_;
};

}  // namespace tote::cmd
