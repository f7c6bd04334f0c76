#include "testregistry/ops/access_log.h"

#include "base/json_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tote::testregistry {

std::string access_log_line(const RequestRecord& record, LogFormat format,
                            std::chrono::system_clock::time_point now) {
  const double milliseconds = std::chrono::duration<double, std::milli>(record.duration).count();
  const std::string time =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  if (format == LogFormat::kJson)
    return JsonWriter({.escape = JsonEscape::kMinimal})
        .begin_object()
        .member("time", time)
        .member("remote", record.remote)
        .member("user", record.user)
        .member("method", record.method)
        .member("target", record.target)
        .member("status", record.status)
        .member("received", record.received)
        .member("sent", record.sent)
        .member("milliseconds", RawJson{fmt::format("{:.3f}", milliseconds)})
        .member("user_agent", record.user_agent)
        .end_object()
        .take();
  const auto quoted = [](std::string_view text) { return json_quote(text, JsonEscape::kMinimal); };
  return fmt::format("{} {} {} {} {} {} {} {} {:.3f}ms {}", time, record.remote,
                     record.user.empty() ? "-" : quoted(record.user), record.method,
                     quoted(record.target), record.status, record.received, record.sent,
                     milliseconds, quoted(record.user_agent));
}

}  // namespace tote::testregistry
