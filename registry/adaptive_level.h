// How many requests one host answers at a time without getting slower: found out by trying.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace tote::registry {

// Begins at `first` and doubles for as long as answers come as fast as before, since waiting for
// them is then all that happens; afterwards, and after a refusal, it takes one more at a time.
// Halves when the host refuses, or does not answer at all, and goes back by a quarter when answers
// take three times as long as they need alone. Near the number that was refused it is patient.
//
// A value without locks; see HostLimiter.
class AdaptiveLevel {
 public:
  // REQUIRES: 0 < first <= most
  AdaptiveLevel(std::size_t first, std::size_t most) noexcept;

  std::size_t allowed() const noexcept { return allowed_; }

  // A request of that method was answered after `time`; `under_way`: how many were, it included.
  void succeeded(std::string_view method, std::chrono::steady_clock::duration time,
                 std::size_t under_way);
  // The host has too much to do.
  void refused(std::size_t under_way) noexcept;

 private:
  using Seconds = std::chrono::duration<double>;

  void end_window();
  double take_slowness();
  void begin_window() noexcept;

  const std::size_t first_;
  const std::size_t most_;
  std::size_t allowed_;
  std::size_t refused_at_;   // nobody knows of more
  bool is_starting_ = true;  // nothing has spoken against more yet
  // By method: a HEAD and a PUT have little in common.
  struct Times {
    Seconds alone{};     // that an answer takes where few are under way; zero: not known
    Seconds together{};  // all in this window
    std::size_t answers = 0;
  };
  std::array<Times, 5> times_{};

  // As many answers as are allowed at a time make a window; in it:
  std::size_t answers_ = 0;
  bool was_reached_ = false;  // as many as are allowed were under way
  std::size_t windows_ = 0;   // that spoke for one more
};

}  // namespace tote::registry
