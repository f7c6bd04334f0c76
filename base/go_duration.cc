#include "base/go_duration.h"

#include "base/json_quote.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace tote {
namespace {

constexpr double kMaxMilliseconds = 9.2e12;  // about Go's 290 years

// Longest names first, so that "ms" is not taken for minutes.
constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {{{"ns", 1e-6},
                                                                        {"us", 1e-3},
                                                                        {"\u00b5s", 1e-3},
                                                                        {"ms", 1.0},
                                                                        {"s", 1000.0},
                                                                        {"m", 60'000.0},
                                                                        {"h", 3'600'000.0}}};

// Nanoseconds.
constexpr std::int64_t kMicrosecond = 1000;
constexpr std::int64_t kMillisecond = 1000 * kMicrosecond;
constexpr std::int64_t kSecond = 1000 * kMillisecond;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

[[noreturn]] void refuse(const std::string& text) {
  throw fmt::format("time: invalid duration {}", json_quote(text));
}

double take_number(std::string_view& rest, const std::string& text) {
  if (rest.find_first_of("0123456789.") != 0) refuse(text);
  double value = 0;
  const auto [end, failure] =
      std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::fixed);
  if (failure != std::errc{}) refuse(text);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

double take_unit(std::string_view& rest, const std::string& text) {
  if (rest.empty()) throw fmt::format("time: missing unit in duration {}", json_quote(text));
  for (const auto& [name, milliseconds] : kUnits)
    if (rest.starts_with(name)) {
      rest.remove_prefix(name.size());
      return milliseconds;
    }
  const std::string_view unit = rest.substr(0, rest.find_first_of("0123456789."));
  throw fmt::format("time: unknown unit {} in duration {}", json_quote(unit), json_quote(text));
}

// "58.737µs": without zeros at the end.
std::string in_unit(std::int64_t nanoseconds, std::int64_t unit, const char* name) {
  std::string fraction = fmt::format("{}", unit + nanoseconds % unit).substr(1);
  while (fraction.ends_with('0')) fraction.pop_back();
  return fmt::format("{}{}{}{}", nanoseconds / unit, fraction.empty() ? "" : ".", fraction, name);
}

}  // namespace

std::chrono::milliseconds parse_go_duration(const std::string& text) {
  std::string_view rest = text;
  if (rest == "0") return std::chrono::milliseconds(0);
  if (rest.empty()) refuse(text);
  double total = 0;
  while (!rest.empty()) {
    const double number = take_number(rest, text);
    total += number * take_unit(rest, text);
  }
  if (total > kMaxMilliseconds) refuse(text);
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(total));
}

std::string format_go_duration(std::chrono::nanoseconds duration) {
  const std::int64_t total = duration.count();
  if (total == 0) return "0s";
  if (total < kMicrosecond) return fmt::format("{}ns", total);
  if (total < kMillisecond) return in_unit(total, kMicrosecond, "\u00b5s");
  if (total < kSecond) return in_unit(total, kMillisecond, "ms");
  std::string out;
  if (total >= kHour) out += fmt::format("{}h", total / kHour);
  if (total >= kMinute) out += fmt::format("{}m", total / kMinute % 60);
  return out + in_unit(total % kMinute, kSecond, "s");
}

}  // namespace tote
