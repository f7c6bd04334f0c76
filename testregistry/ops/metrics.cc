#include "testregistry/ops/metrics.h"

#include "base/file.h"
#include "base/json_quote.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

namespace tote::testregistry {
namespace {

template <class List, class Value>
std::size_t index_of(const List& list, const Value& value) {
  return static_cast<std::size_t>(
      std::distance(list.begin(), std::find(list.begin(), list.end(), value)));
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Pages in memory, the second number of /proc/self/statm.
std::uint64_t resident_bytes() {
  const std::vector<std::string> numbers = split(read_file("/proc/self/statm", 4096), ' ');
  const std::uint64_t pages = numbers.size() > 1 ? parse_number(numbers[1]).value_or(0) : 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

}  // namespace

// The text, metric by metric.
class Metrics::Writer {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
  }
  // `labels`: "" or "{name=\"value\"}".
  template <class Value>
  void sample(std::string_view name, std::string_view labels, Value value) {
    fmt::format_to(std::back_inserter(text_), "{}{} {}\n", name, labels, value);
  }
  template <class Value>
  void one(std::string_view name, std::string_view type, std::string_view help, Value value) {
    head(name, type, help);
    sample(name, "", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

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

void Metrics::count(const Collected& done) {
  ++collections_;
  collected_manifests_ += done.manifests;
  collected_blobs_ += done.blobs;
  collected_bytes_ += done.bytes;
}

void Metrics::write_requests(Writer& out) const {
  out.head("tote_requests_total", "counter",
           "Requests that were answered, or left by their client.");
  for (std::size_t m = 0; m < kMethods.size(); ++m)
    for (std::size_t s = 0; s <= kStatuses.size(); ++s)
      if (const std::uint64_t n = requests_[m][s])
        out.sample("tote_requests_total",
                   fmt::format("{{method=\"{}\",code=\"{}\"}}", kMethods[m],
                               s < kStatuses.size() ? std::to_string(kStatuses[s]) : "other"),
                   n);
  out.head("tote_request_duration_seconds", "histogram",
           "From the head of a request to its answer.");
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= kBuckets.size(); ++i) {
    total += durations_[i];
    out.sample(
        "tote_request_duration_seconds_bucket",
        fmt::format("{{le=\"{}\"}}", i < kBuckets.size() ? fmt::format("{}", kBuckets[i]) : "+Inf"),
        total);
  }
  out.sample("tote_request_duration_seconds_sum", "", static_cast<double>(microseconds_) / 1e6);
  out.sample("tote_request_duration_seconds_count", "", total);
  out.one("tote_received_bytes_total", "counter", "Bodies of requests.", received_.load());
  out.one("tote_sent_bytes_total", "counter", "Bodies of answers.", sent_.load());
}

void Metrics::write_collections(Writer& out) const {
  out.one("tote_collections_total", "counter", "Garbage collections that were finished.",
          collections_.load());
  out.one("tote_failed_collections_total", "counter", "Garbage collections that failed.",
          failed_collections_.load());
  out.one("tote_collected_manifests_total", "counter", "Manifests that were collected.",
          collected_manifests_.load());
  out.one("tote_collected_blobs_total", "counter", "Blobs that were collected.",
          collected_blobs_.load());
  out.one("tote_collected_bytes_total", "counter", "Bytes that collections gave back.",
          collected_bytes_.load());
}

std::string Metrics::text(const MetricsSnapshot& snapshot) const {
  Writer out;
  write_requests(out);
  write_collections(out);
  out.one("tote_connections", "gauge", "Open connections.", snapshot.connections);
  out.one("tote_stored_blobs", "gauge", "Blobs and manifests, each once.", snapshot.stored.blobs);
  out.one("tote_stored_bytes", "gauge", "Their bytes.", snapshot.stored.bytes);
  out.head("tote_quota_limit_bytes", "gauge", "What the repositories of a prefix may hold.");
  const auto prefix = [](const Quotas::Use& use) {
    return fmt::format("{{prefix={}}}", json_quote(use.prefix.empty() ? "*" : use.prefix));
  };
  for (const Quotas::Use& use : snapshot.quotas)
    out.sample("tote_quota_limit_bytes", prefix(use), use.limit);
  out.head("tote_quota_used_bytes", "gauge", "What they hold.");
  for (const Quotas::Use& use : snapshot.quotas)
    out.sample("tote_quota_used_bytes", prefix(use), use.used);
  out.one("tote_refused_logins_total", "counter", "Passwords and tokens that were wrong.",
          snapshot.refused_logins);
  out.one("tote_dropped_log_lines_total", "counter", "Lines of the log that nobody took in time.",
          snapshot.dropped_log_lines);
  out.head("tote_build_info", "gauge", "1, with the version.");
  out.sample("tote_build_info", fmt::format("{{version=\"{}\"}}", snapshot.version), 1);
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  out.one("process_cpu_seconds_total", "counter", "User and system time.",
          seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  out.one("process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
  out.one("process_open_fds", "gauge", "Open descriptors.", open_descriptors());
  return out.take();
}

}  // namespace tote::testregistry
