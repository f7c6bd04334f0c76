#include "cmd/age_text.h"

#include <fmt/format.h>

#include <ctime>
#include <optional>

namespace tote::cmd {
namespace {

namespace ch = std::chrono;

constexpr ch::days kYear{365};

std::optional<ch::sys_seconds> parse(const std::string& time) {
  std::tm parts{};
  if (::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  return ch::sys_seconds(ch::seconds(::timegm(&parts)));
}

}  // namespace

std::string age_text(const std::string& time, ch::sys_seconds now) {
  const auto then = parse(time);
  if (!then || *then > now) return {};
  const ch::seconds age = now - *then;
  if (age >= kYear * 2) return fmt::format("{} y", age / kYear);
  if (age >= ch::days(2)) return fmt::format("{} d", age / ch::days(1));
  if (age >= ch::hours(2)) return fmt::format("{} h", age / ch::hours(1));
  if (age >= ch::minutes(2)) return fmt::format("{} min", age / ch::minutes(1));
  return fmt::format("{} s", age.count());
}

}  // namespace tote::cmd
