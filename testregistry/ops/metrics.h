// What a registry has done, as Prometheus reads it (text format 0.0.4).
#pragma once

#include "testregistry/http/server_options.h"
#include "testregistry/storage/quotas.h"
#include "testregistry/storage/storage.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

// What others count, or what is so at the moment.
struct MetricsSnapshot {
  std::string version;
  std::size_t connections = 0;
  Stored stored = {};
  std::vector<Quotas::Use> quotas = {};
  std::uint64_t refused_logins = 0;
  std::uint64_t dropped_log_lines = 0;
};

// Thread-safe, without a lock.
class Metrics {
 public:
  void count(const RequestRecord& record);
  void count(const Collected& done);
  void count_failed_collection() { ++failed_collections_; }
  // Reads /proc too.
  std::string text(const MetricsSnapshot& snapshot) const;

 private:
  static constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD",   "POST", "PATCH",
                                                               "PUT", "DELETE", "other"};
  static constexpr std::array<int, 17> kStatuses = {200, 201, 202, 204, 206, 400, 401, 403, 404,
                                                    405, 409, 413, 416, 429, 500, 503, 507};
  static constexpr std::array<double, 8> kBuckets = {0.001, 0.005, 0.025, 0.1,
                                                     0.5,   2.5,   10,    60};  // seconds

  class Writer;
  void write_requests(Writer& out) const;
  void write_collections(Writer& out) const;

  using Counter = std::atomic<std::uint64_t>;
  std::array<std::array<Counter, kStatuses.size() + 1>, kMethods.size()> requests_{};
  std::array<Counter, kBuckets.size() + 1> durations_{};
  Counter microseconds_ = 0;
  Counter received_ = 0;
  Counter sent_ = 0;
  Counter collections_ = 0;
  Counter failed_collections_ = 0;
  Counter collected_manifests_ = 0;
  Counter collected_blobs_ = 0;
  Counter collected_bytes_ = 0;
};

}  // namespace tote::testregistry
