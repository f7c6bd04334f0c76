// What a registry has done, as Prometheus reads it (text format 0.0.4).
#pragma once

#include "testregistry/server.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace tote::testregistry {

// Thread-safe, without a lock.
class Metrics {
 public:
  void count(const RequestRecord& record);
  // `connections`: how many there are.
  std::string text(std::size_t connections) const;

 private:
  static constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD",   "POST", "PATCH",
                                                               "PUT", "DELETE", "other"};
  static constexpr std::array<int, 16> kStatuses = {200, 201, 202, 204, 206, 400, 401, 403,
                                                    404, 405, 409, 413, 416, 429, 500, 503};
  static constexpr std::array<double, 8> kBuckets = {0.001, 0.005, 0.025, 0.1,
                                                     0.5,   2.5,   10,    60};  // seconds

  using Counter = std::atomic<std::uint64_t>;
  std::array<std::array<Counter, kStatuses.size() + 1>, kMethods.size()> requests_{};
  std::array<Counter, kBuckets.size() + 1> durations_{};
  Counter microseconds_ = 0;
  Counter received_ = 0;
  Counter sent_ = 0;
};

}  // namespace tote::testregistry
