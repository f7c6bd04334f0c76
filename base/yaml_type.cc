#include "base/yaml_type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

namespace tote {
namespace {

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array kNulls = std::to_array<std::string_view>({"", "~", "null", "Null", "NULL"});
constexpr std::array kBooleans = std::to_array<std::string_view>(
    {"y",    "Y",    "yes",   "Yes",   "YES",   "n",  "N",  "no", "No",  "NO",  "true",
     "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF"});
constexpr std::array kNoNumbers =
    std::to_array<std::string_view>({".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf",
                                     "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_sign(char c) {
  return c == '+' || c == '-';
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && is_sign(text.front())) text.remove_prefix(1);
  return text;
}

// The base that a prefix says, which is taken off; 10 without one.
int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits.front() != '0') return 10;
  digits.remove_prefix(1);
  switch (digits.front()) {
    case 'x':
    case 'X':
      digits.remove_prefix(1);
      return 16;
    case 'o':
    case 'O':
      digits.remove_prefix(1);
      return 8;
    case 'b':
    case 'B':
      digits.remove_prefix(1);
      return 2;
    default:
      return 8;
  }
}

// `text`: without "_".
std::optional<YamlNumber> integer_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const bool has_sign = !text.empty() && is_sign(text.front());
  std::string_view digits = without_sign(text);
  const int base = take_base(digits);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, base);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  constexpr std::uint64_t kSmallest = std::uint64_t{1} << 63U;
  if (value < kSmallest) {
    const auto number = static_cast<std::int64_t>(value);
    return is_negative ? -number : number;
  }
  if (is_negative && value == kSmallest) return std::numeric_limits<std::int64_t>::min();
  if (has_sign) return std::nullopt;
  return value;
}

std::string without_underscores(std::string_view text) {
  std::string number(text);
  std::erase(number, '_');
  return number;
}

std::size_t count_digits(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

// Digits, perhaps with a point and an exponent.
bool has_form_of_float(std::string_view text) {
  const std::size_t whole = count_digits(text);
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = count_digits(text);
    if (whole == 0 && fraction == 0) return false;
    text.remove_prefix(fraction);
  } else if (whole == 0) {
    return false;
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text = without_sign(text.substr(1));
  return !text.empty() && count_digits(text) == text.size();
}

// Whether what is out of range is so because it is next to nothing.
bool is_tiny(std::string_view number) {
  const std::size_t exponent = number.find_first_of("eE");
  if (exponent != std::string_view::npos) return number[exponent + 1] == '-';
  return number[std::min(number.find_first_not_of('0'), number.size() - 1)] == '.';
}

// One that is too small is 0.
bool is_float(std::string_view text) {
  text = without_sign(text);
  if (!has_form_of_float(text)) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  return error == std::errc() || is_tiny(text);
}

}  // namespace

YamlType plain_yaml_type(std::string_view text) {
  if (is_one_of(text, kNulls)) return YamlType::kNull;
  if (is_one_of(text, kBooleans)) return YamlType::kBool;
  if (is_one_of(text, kNoNumbers)) return YamlType::kFloat;
  if (text.front() == '.') return is_float(text) ? YamlType::kFloat : YamlType::kText;
  if (!is_digit(text.front()) && !is_sign(text.front())) return YamlType::kText;
  const std::string number = without_underscores(text);
  if (integer_of(number)) return YamlType::kInteger;
  return is_float(number) ? YamlType::kFloat : YamlType::kText;
}

YamlNumber yaml_number(std::string_view text) {
  const std::string number = without_underscores(text);
  if (const auto integer = integer_of(number)) return *integer;
  const bool is_negative = number.starts_with('-');
  std::string_view digits = without_sign(number);
  double value = 0;  // also of what is next to nothing
  if (digits == ".nan" || digits == ".NaN" || digits == ".NAN")
    value = std::numeric_limits<double>::quiet_NaN();
  else if (digits == ".inf" || digits == ".Inf" || digits == ".INF")
    value = std::numeric_limits<double>::infinity();
  else
    std::from_chars(digits.begin(), digits.end(), value);
  return is_negative ? -value : value;
}

double as_double(const YamlNumber& number) noexcept {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

YamlType tagged_yaml_type(std::string_view tag, std::string_view text) {
  constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  if (!tag.starts_with(kPrefix)) return YamlType::kText;
  tag.remove_prefix(kPrefix.size());
  const YamlType type = plain_yaml_type(text);
  const bool is_number = type == YamlType::kInteger || type == YamlType::kFloat;
  if (tag == "float" && is_number) return YamlType::kFloat;
  const bool fits = (tag == "null" && type == YamlType::kNull) ||
                    (tag == "bool" && type == YamlType::kBool) ||
                    (tag == "int" && type == YamlType::kInteger);
  return fits ? type : YamlType::kText;
}

}  // namespace tote
