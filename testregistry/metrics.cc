#include "testregistry/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tote::testregistry {
namespace {

template <class List, class Value>
std::size_t index_of(const List& list, const Value& value) {
  return static_cast<std::size_t>(
      std::distance(list.begin(), std::find(list.begin(), list.end(), value)));
}

}  // namespace

void Metrics::count(const RequestRecord& record) {
  const std::size_t method = std::min(index_of(kMethods, record.method), kMethods.size() - 1);
  ++requests_[method][index_of(kStatuses, record.status)];
  const double seconds = std::chrono::duration<double>(record.duration).count();
  const auto* const bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds);
  ++durations_[static_cast<std::size_t>(std::distance(kBuckets.begin(), bucket))];
  microseconds_ += static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count());
  received_ += record.received;
  sent_ += record.sent;
}

std::string Metrics::text(std::size_t connections) const {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto head = [&](std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(out, "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  };
  head("tote_requests_total", "counter", "Requests that were answered, or left by their client.");
  for (std::size_t m = 0; m < kMethods.size(); ++m)
    for (std::size_t s = 0; s <= kStatuses.size(); ++s)
      if (const std::uint64_t n = requests_[m][s])
        fmt::format_to(out, "tote_requests_total{{method=\"{}\",code=\"{}\"}} {}\n", kMethods[m],
                       s < kStatuses.size() ? std::to_string(kStatuses[s]) : "other", n);
  head("tote_request_duration_seconds", "histogram", "From the head of a request to its answer.");
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= kBuckets.size(); ++i) {
    total += durations_[i];
    fmt::format_to(out, "tote_request_duration_seconds_bucket{{le=\"{}\"}} {}\n",
                   i < kBuckets.size() ? fmt::format("{}", kBuckets[i]) : "+Inf", total);
  }
  fmt::format_to(out, "tote_request_duration_seconds_sum {}\n",
                 static_cast<double>(microseconds_) / 1e6);
  fmt::format_to(out, "tote_request_duration_seconds_count {}\n", total);
  head("tote_received_bytes_total", "counter", "Bodies of requests.");
  fmt::format_to(out, "tote_received_bytes_total {}\n", received_);
  head("tote_sent_bytes_total", "counter", "Bodies of answers.");
  fmt::format_to(out, "tote_sent_bytes_total {}\n", sent_);
  head("tote_connections", "gauge", "Open connections.");
  fmt::format_to(out, "tote_connections {}\n", connections);
  return text;
}

}  // namespace tote::testregistry
