#include "testregistry/access_log.h"

#include "base/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tote::testregistry {

std::string access_log_line(const RequestRecord& record, LogFormat format,
                            std::chrono::system_clock::time_point now) {
  const double milliseconds = std::chrono::duration<double, std::milli>(record.duration).count();
  const std::string time =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  const auto arguments = [&](const char* pattern, auto quote) {
    return fmt::format(fmt::runtime(pattern), time, record.remote, record.method,
                       quote(record.target), record.status, record.received, record.sent,
                       milliseconds, quote(record.user_agent));
  };
  if (format == LogFormat::kJson)
    return arguments(
        R"({{"time":"{}","remote":"{}","method":"{}","target":{},"status":{},"received":{},"sent":{},"milliseconds":{:.3f},"user_agent":{}}})",
        json_quote);
  return arguments("{} {} {} {} {} {} {} {:.3f}ms {}", json_quote);
}

}  // namespace tote::testregistry
