// Faults on purpose, for those who test clients of registries: repeatable, by method and path.
#pragma once

#include "testregistry/handler.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tote::testregistry {

// What happens to the requests that it is for.
struct Fault {
  std::string method = {};                  // empty: every one
  std::string path = "**";                  // pattern of the path (access_rules.h)
  double rate = 1;                          // of them, how many
  std::uint64_t after = 0;                  // the first so many are spared
  std::optional<std::uint64_t> times = {};  // and no more than so many are hit

  int status = 0;                // answered with it instead of being handled
  std::string retry_after = {};  // with such a header
  Mishap mishap = {};            // on the way out
};

// Thread-safe. Every fault draws from a generator of its own, so the nth request that it is for
// meets the same fate in every run with the same seed.
class Faults final : public Handler {
 public:
  // `inner` must outlive it.
  Faults(Handler& inner, std::vector<Fault> faults, std::uint64_t seed);

  Begun begin(const RequestHead& head) override;

 private:
  class Failing;
  struct Armed {
    Fault fault;
    std::mt19937_64 random;
    std::uint64_t seen = 0;
    std::uint64_t hit = 0;
  };
  // The faults that strike a request, in order.
  std::vector<Fault> strike(const RequestHead& head);

  Handler& inner_;
  std::mutex mutex_;
  std::deque<Armed> faults_;  // guarded by mutex_
};

}  // namespace tote::testregistry
