#include "testregistry/ops/access_log.h"

#include "base/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tote::testregistry {

std::string access_log_line(const RequestRecord& record, LogFormat format,
                            std::chrono::system_clock::time_point now) {
  const double milliseconds = std::chrono::duration<double, std::milli>(record.duration).count();
  const std::string time =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  const auto quoted = [](std::string_view text) { return json_quote(text, JsonEscape::kMinimal); };
  if (format == LogFormat::kJson)
    return fmt::format(
        R"({{"time":"{}","remote":"{}","user":{},"method":"{}","target":{},"status":{},"received":{},"sent":{},"milliseconds":{:.3f},"user_agent":{}}})",
        time, record.remote, quoted(record.user), record.method, quoted(record.target),
        record.status, record.received, record.sent, milliseconds, quoted(record.user_agent));
  return fmt::format("{} {} {} {} {} {} {} {} {:.3f}ms {}", time, record.remote,
                     record.user.empty() ? "-" : quoted(record.user), record.method,
                     quoted(record.target), record.status, record.received, record.sent,
                     milliseconds, quoted(record.user_agent));
}

}  // namespace tote::testregistry
