// Faults on purpose strike here: repeatable, by method and path.
#pragma once

#include "base/clock.h"
#include "base/mutex.h"
#include "testregistry/http/filter.h"
#include "testregistry/ops/fault.h"

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace tote::testregistry {

// Thread-safe. Every fault draws from a generator of its own, so the nth request that it is for
// meets the same fate in every run with the same seed.
class Faults final : public HandlerFilter {
 public:
  // `inner` and `clock` must outlive it.
  Faults(Handler& inner, std::vector<Fault> faults, std::uint64_t seed,
         Clock& clock = system_clock());

  // A fault may wait, or need a request to be counted: nothing is answered at once.
  std::optional<Response> answer_now(const RequestHead&) override { return std::nullopt; }
  Begun begin(const RequestHead& head) override;

 private:
  struct Armed {
    Fault fault;
    std::mt19937_64 random;
    std::uint64_t seen = 0;
    std::uint64_t hit = 0;
    double allowed = 0;  // requests that `limit` would let pass now
    std::chrono::steady_clock::time_point counted_at = {};
    // Every request that is not answered yet holds one more.
    std::shared_ptr<const int> in_flight = std::make_shared<const int>(0);
  };
  // The faults that strike a request, in order, and what it holds until its answer has gone.
  struct Struck {
    std::vector<Fault> faults;
    std::vector<std::shared_ptr<const int>> held;
  };
  Struck strike(const RequestHead& head);
  bool is_within(Armed& armed, std::vector<std::shared_ptr<const int>>& held);

  Clock& clock_;
  Mutex mutex_;
  std::deque<Armed> faults_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry
