// How many requests a second one host takes, as its refusals teach.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace tote::registry {

// Unlimited until a host says twice within ten seconds that there were too many (429): once may be
// an accident. Then a little less than what it has taken in the last second; from there on
// faster, slowly at first, so that few are refused, and ever more if it takes that.
//
// A value without locks; see HostLimiter.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void accepted(Time now);
  // Requests that were sent together and are refused together count once.
  void refused(Time now);

  // Between the beginnings of two requests; zero: as they come.
  std::chrono::microseconds distance() const;

 private:
  void forget_before(Time time);

  std::deque<Time> accepted_;  // in the last second
  std::optional<Time> last_refusal_;
  double rate_ = 0;    // requests a second; 0: unlimited
  double growth_ = 0;  // for each request that is accepted
};

}  // namespace tote::registry
