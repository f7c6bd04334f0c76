#include "bundle/created_time.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace tote::bundle {
namespace {

namespace ch = std::chrono;

constexpr std::size_t kMaxFractionDigits = 9;
constexpr ch::sys_seconds kFirst{ch::sys_days(ch::year(1) / 1 / 1)};
constexpr ch::sys_seconds kEnd{ch::sys_days(ch::year(10'000) / 1 / 1)};

// Takes a text apart from its front; what is wrong stays wrong.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    const std::string_view part = rest_.substr(0, count);
    const bool good = part.size() == count && std::all_of(part.begin(), part.end(), is_digit);
    if (!good) return fail();
    rest_.remove_prefix(count);
    return static_cast<int>(*parse_number(part));
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // At least one digit.
  std::string_view all_digits() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const std::string_view part = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (part.empty()) fail();
    rest_.remove_prefix(part.size());
    return part;
  }
  bool is_done() const { return good_ && rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  int fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

// ".5", without zeros at its end; empty: whole seconds.
std::string scan_fraction(Scanner& text) {
  if (!text.take('.')) return {};
  std::string digits(text.all_digits().substr(0, kMaxFractionDigits));
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits.empty() ? "" : "." + digits;
}

// What the place is ahead of UTC; nullopt: no such offset.
std::optional<ch::minutes> scan_offset(Scanner& text) {
  if (text.take('Z')) return ch::minutes(0);
  const bool is_behind = text.take('-');
  if (!is_behind) text.expect('+');
  const int hours = text.digits(2);
  text.expect(':');
  const int minutes = text.digits(2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const ch::minutes offset = ch::hours(hours) + ch::minutes(minutes);
  return is_behind ? -offset : offset;
}

std::string format_time(ch::sys_seconds time, const std::string& fraction) {
  const ch::sys_days day = ch::floor<ch::days>(time);
  const ch::year_month_day date(day);
  const ch::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     fraction);
}

std::optional<std::string> parse_rfc3339(std::string_view whole) {
  Scanner text(whole);
  const ch::year year(text.digits(4));
  text.expect('-');
  const ch::month month(static_cast<unsigned>(text.digits(2)));
  text.expect('-');
  const ch::day day(static_cast<unsigned>(text.digits(2)));
  text.expect('T');
  const int hours = text.digits(2);
  text.expect(':');
  const int minutes = text.digits(2);
  text.expect(':');
  const int seconds = text.digits(2);
  const std::string fraction = scan_fraction(text);
  const std::optional<ch::minutes> offset = scan_offset(text);
  const ch::year_month_day date(year, month, day);
  if (!text.is_done() || !offset || !date.ok() || hours > 23 || minutes > 59 || seconds > 59)
    return std::nullopt;
  const ch::sys_seconds time =
      ch::sys_days(date) + ch::hours(hours) + ch::minutes(minutes) + ch::seconds(seconds) - *offset;
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return format_time(time, fraction);
}

std::optional<std::string> parse_seconds(std::string_view text) {
  const std::optional<std::uint64_t> seconds = parse_number(text);
  if (!seconds || *seconds >= static_cast<std::uint64_t>(kEnd.time_since_epoch().count()))
    return std::nullopt;
  return format_time(ch::sys_seconds(ch::seconds(*seconds)), "");
}

}  // namespace

std::string parse_created_time(std::string_view text) {
  const auto parsed = text.starts_with('@') ? parse_seconds(text.substr(1)) : parse_rfc3339(text);
  if (parsed) return *parsed;
  throw Error(ErrorKind::kUsage, fmt::format("expected a time like 2024-05-06T07:08:09Z, or @ and "
                                             "seconds since 1970, got '{}'",
                                             text))
      .with_hint(parse_number(text) ? fmt::format("seconds are written '@{}'", text) : "");
}

}  // namespace tote::bundle
