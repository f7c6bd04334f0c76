// Two attempts at the same thing, of which the first that succeeds counts.
#pragma once

#include "base/error.h"
#include "base/mutex.h"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace tote::registry {

// One of two things: a value, or why there is none.
template <class Value>
struct FirstOfTwo {
  std::optional<Value> value;
  std::array<std::optional<Error>, 2> failures;  // both are there if `value` is not
};

// Runs one race, once.
template <class Value>
class Race {
 public:
  // Its token fires when the other has won, or the race is stopped. The token that an attempt got
  // which has won never fires after that.
  using Attempt = std::function<Value(std::stop_token)>;

  // `second` begins when `first` has failed, at the latest after `head_start`. Each has a thread of
  // its own, which has ended when this returns. Throws Cancelled when `stop` fires.
  FirstOfTwo<Value> run(const Attempt& first, const Attempt& second,
                        std::chrono::milliseconds head_start, const std::stop_token& stop) {
    const std::stop_callback forward(stop, [this] {
      for (Runner& runner : runners_) runner.stop.request_stop();
    });
    start(runners_[0], first);
    if (!is_won_within(head_start)) start(runners_[1], second);
    wait_for_winner();
    if (stop.stop_requested()) throw Cancelled();
    const Lock lock(mutex_);
    return {std::move(winner_), {std::move(runners_[0].failure), std::move(runners_[1].failure)}};
  }

 private:
  struct Runner {
    std::stop_source stop;
    std::optional<Error> failure = {};  // written by the thread, read after the join
    std::jthread thread;
  };

  void start(Runner& runner, const Attempt& attempt) {
    ++started_;
    runner.thread = std::jthread([this, &runner, attempt] { enter(runner, attempt); });
  }

  bool is_won_within(std::chrono::milliseconds time) {
    Lock lock(mutex_);
    changed_.wait_for(lock, time, [this]() TOTE_REQUIRES(mutex_) { return ended_ == 1; });
    return winner_.has_value();
  }

  void wait_for_winner() {
    {
      Lock lock(mutex_);
      changed_.wait(lock, [this]() TOTE_REQUIRES(mutex_) { return winner_ || ended_ == started_; });
      for (Runner& runner : runners_)
        if (&runner != winning_runner_) runner.stop.request_stop();
    }
    for (Runner& runner : runners_)
      if (runner.thread.joinable()) runner.thread.join();
  }

  void enter(Runner& runner, const Attempt& attempt) {
    std::optional<Value> value;
    try {
      value = attempt(runner.stop.get_token());
    } catch (const Error& failure) {
      runner.failure = failure;
    } catch (const std::exception& failure) {
      runner.failure.emplace(ErrorKind::kTransport, failure.what());
    }
    const Lock lock(mutex_);
    if (value && !winner_) {
      winner_ = std::move(value);
      winning_runner_ = &runner;
    }
    ++ended_;
    changed_.notify_all();
  }

  Mutex mutex_;
  Condition changed_;
  std::optional<Value> winner_ TOTE_GUARDED_BY(mutex_);
  const Runner* winning_runner_ TOTE_GUARDED_BY(mutex_) = nullptr;
  int ended_ TOTE_GUARDED_BY(mutex_) = 0;
  int started_ = 0;  // used by the starting thread
  std::array<Runner, 2> runners_;
};

}  // namespace tote::registry
