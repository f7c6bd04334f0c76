#include "template/number_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace tote::go_template {
namespace {

// In front of a number, and taken off.
bool take_sign(std::string_view& text) {
  if (text.empty() || (text.front() != '-' && text.front() != '+')) return false;
  const bool is_negative = text.front() == '-';
  text.remove_prefix(1);
  return is_negative;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_base_prefix(std::string_view text) {
  return text.size() >= 2 && text[0] == '0' &&
         std::string_view("box").find(lower(text[1])) != std::string_view::npos;
}

bool is_digit(char c, bool is_hex) {
  return (c >= '0' && c <= '9') || (is_hex && lower(c) >= 'a' && lower(c) <= 'f');
}

// Each "_" stands between digits, or behind the prefix.
bool separates_digits(std::string_view text) {
  take_sign(text);
  const bool has_prefix = has_base_prefix(text);
  const bool is_hex = has_prefix && lower(text[1]) == 'x';
  char before = has_prefix ? '0' : '^';
  for (std::size_t i = has_prefix ? 2 : 0; i < text.size(); ++i) {
    const char now = is_digit(text[i], is_hex) ? '0' : text[i] == '_' ? '_' : '!';
    if (now == '_' ? before != '0' : now == '!' && before == '_') return false;
    before = now;
  }
  return before != '_';
}

unsigned take_base(std::string_view& text) {
  if (text.empty() || text.front() != '0') return 10;
  if (text.size() < 3 || !has_base_prefix(text)) {
    text.remove_prefix(1);
    return 8;
  }
  const char kind = lower(text[1]);
  text.remove_prefix(2);
  return kind == 'b' ? 2 : kind == 'o' ? 8 : 16;
}

std::string shortest(double value, std::chars_format format) {
  std::array<char, 512> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  return {buffer.data(), end};
}

std::string exact(double value, std::chars_format format, int precision) {
  std::string buffer(static_cast<std::size_t>(precision) + 400, '\0');
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  buffer.resize(static_cast<std::size_t>(end - buffer.data()));
  return buffer;
}

std::string scientific(double value, std::optional<int> precision) {
  return precision ? exact(value, std::chars_format::scientific, *precision)
                   : shortest(value, std::chars_format::scientific);
}

int exponent_of(const std::string& scientific_text) {
  const std::size_t at = scientific_text.find('e') + 1;
  std::string_view digits = std::string_view(scientific_text).substr(at);
  const bool is_negative = take_sign(digits);
  const int exponent = static_cast<int>(parse_number(digits).value_or(0));
  return is_negative ? -exponent : exponent;
}

// Digits of "d.ddde+xx" that matter, without zeros at the end.
int count_digits(const std::string& scientific_text) {
  std::string digits = scientific_text.substr(0, scientific_text.find('e'));
  std::erase(digits, '.');
  std::erase(digits, '-');
  const std::size_t last = digits.find_last_not_of('0');
  return last == std::string::npos ? 0 : static_cast<int>(last) + 1;
}

// As few digits as say the number, and zeros up to the point: to_chars would write those of its
// binary form.
std::string shortest_fixed(double value) {
  const std::string text = shortest(value, std::chars_format::scientific);
  const int exponent = exponent_of(text);
  const int digits = std::max(count_digits(text), 1);
  if (exponent < digits) return shortest(value, std::chars_format::fixed);
  std::string out = text.substr(0, text.find('e'));
  std::erase(out, '.');
  return out.append(static_cast<std::size_t>(exponent + 1 - digits), '0');
}

std::string fixed(double value, std::optional<int> precision) {
  return precision ? exact(value, std::chars_format::fixed, *precision) : shortest_fixed(value);
}

// Large and small numbers with an exponent, others without.
std::string general(double value, std::optional<int> precision) {
  if (precision == 0) precision = 1;
  const std::string text =
      precision ? scientific(value, *precision - 1) : scientific(value, std::nullopt);
  const int digits = std::max(count_digits(text), 1);
  const int exponent = value == 0 ? 0 : exponent_of(text);
  int limit = precision.value_or(6);
  if (precision && limit > digits && digits >= exponent + 1) limit = digits;
  if (exponent < -4 || exponent >= limit)
    return precision ? scientific(value, std::min(*precision, digits) - 1) : text;
  return precision ? fixed(value, std::max(digits - exponent - 1, 0)) : fixed(value, std::nullopt);
}

struct Parts {
  bool is_negative;
  std::uint64_t mantissa;
  int exponent;
};

constexpr int kMantissaBits = 52;

Parts parts_of(double value) {
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::copy_n(reinterpret_cast<const char*>(&value), sizeof value, reinterpret_cast<char*>(&bits));
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << kMantissaBits) - 1);
  const int exponent = static_cast<int>((bits >> kMantissaBits) & 0x7FFU);
  const bool is_normal = exponent != 0;
  return {bits >> 63U != 0, is_normal ? mantissa | (std::uint64_t{1} << kMantissaBits) : mantissa,
          (is_normal ? exponent : 1) - 1023};
}

std::string binary(double value) {
  const Parts parts = parts_of(value);
  const int exponent = parts.exponent - kMantissaBits;
  return (parts.is_negative ? "-" : "") + std::to_string(parts.mantissa) + "p" +
         (exponent < 0 ? "" : "+") + std::to_string(exponent);
}

// Rounds half to even after `digits` hexadecimal digits behind the leading bit 60.
void round_hex(std::uint64_t& mantissa, int& exponent, int digits) {
  constexpr std::uint64_t kBelow = (std::uint64_t{1} << 60U) - 1;
  const auto shift = static_cast<unsigned>(digits) * 4;
  const std::uint64_t extra = (mantissa << shift) & kBelow;
  mantissa >>= 60 - shift;
  if ((extra | (mantissa & 1U)) > std::uint64_t{1} << 59U) ++mantissa;
  mantissa <<= 60 - shift;
  if ((mantissa & (std::uint64_t{1} << 61U)) == 0) return;
  mantissa >>= 1U;
  ++exponent;
}

std::string hexadecimal(double value, std::optional<int> precision) {
  Parts parts = parts_of(value);
  std::uint64_t mantissa = parts.mantissa << (60U - kMantissaBits);
  int exponent = mantissa == 0 ? 0 : parts.exponent;
  for (; mantissa != 0 && (mantissa >> 60U) == 0; --exponent) mantissa <<= 1U;
  if (precision && *precision < 15) round_hex(mantissa, exponent, *precision);
  std::string out = parts.is_negative ? "-0x" : "0x";
  out += static_cast<char>('0' + ((mantissa >> 60U) & 1U));
  mantissa <<= 4U;
  if (precision ? *precision > 0 : mantissa != 0) out += '.';
  for (int i = 0; precision ? i < *precision : mantissa != 0; ++i, mantissa <<= 4U)
    out += "0123456789abcdef"[mantissa >> 60U];
  const std::string digits = std::to_string(std::abs(exponent));
  return out + "p" + (exponent < 0 ? "-" : "+") + (digits.size() < 2 ? "0" : "") + digits;
}

std::string finite(double value, char form, std::optional<int> precision) {
  switch (form) {
    case 'b':
      return binary(value);
    case 'e':
      return scientific(value, precision);
    case 'f':
      return fixed(value, precision);
    case 'x':
      return hexadecimal(value, precision);
    default:
      return general(value, precision);
  }
}

std::optional<double> parse_named(std::string_view text) {
  const bool is_negative = take_sign(text);
  const double infinity = std::numeric_limits<double>::infinity();
  if (equal_ignoring_case(text, "inf") || equal_ignoring_case(text, "infinity"))
    return is_negative ? -infinity : infinity;
  return std::nullopt;
}

// Of what is out of range: nothing, if it is that because it is next to nothing.
std::optional<double> underflow(std::string_view number, bool is_negative) {
  const std::size_t exponent = number.find_first_of("eEpP");
  const bool is_tiny =
      exponent != std::string_view::npos
          ? number.substr(exponent + 1).starts_with('-')
          : number[std::min(number.find_first_not_of('0'), number.size() - 1)] == '.';
  if (!is_tiny) return std::nullopt;
  return is_negative ? -0.0 : 0.0;
}

}  // namespace

std::string format_float(double value, char form, std::optional<int> precision) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  const bool is_upper = form >= 'A' && form <= 'Z';
  std::string text = finite(value, lower(form), precision);
  if (is_upper)
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text, unsigned base) {
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  const bool by_prefix = base == 0;
  if (by_prefix) base = take_base(digits);
  std::string plain(digits);
  if (by_prefix && std::erase(plain, '_') > 0 && !separates_digits(text)) return std::nullopt;
  if (plain.empty()) return by_prefix && base == 8 ? std::optional<std::uint64_t>(0) : std::nullopt;
  std::uint64_t value = 0;
  const char* const end = plain.data() + plain.size();
  const auto [read, error] = std::from_chars(plain.data(), end, value, static_cast<int>(base));
  if (error != std::errc() || read != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text, unsigned base) {
  std::string_view digits = text;
  const bool is_negative = take_sign(digits);
  const std::optional<std::uint64_t> value = parse_unsigned(digits, base);
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
  if (!value || *value > kLimit || (*value == kLimit && !is_negative)) return std::nullopt;
  return static_cast<std::int64_t>(is_negative ? 0 - *value : *value);
}

std::optional<double> parse_float(std::string_view text) {
  if (const std::optional<double> named = parse_named(text)) return named;
  if (equal_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  std::string_view rest = text;
  const bool is_negative = take_sign(rest);
  if (rest.empty() || rest.front() == '-' || rest.front() == '+') return std::nullopt;
  const bool is_hex = rest.size() > 2 && has_base_prefix(rest) && lower(rest[1]) == 'x';
  if (is_hex) rest.remove_prefix(2);
  std::string plain(rest);
  if (std::erase(plain, '_') > 0 && !separates_digits(text)) return std::nullopt;
  if (plain.empty() || (is_hex && plain.find_first_of("pP") == std::string::npos))
    return std::nullopt;
  if (!is_digit(plain.front(), is_hex) && plain.front() != '.') return std::nullopt;
  double value = 0;
  const char* const end = plain.data() + plain.size();
  const auto [read, error] = std::from_chars(
      plain.data(), end, value, is_hex ? std::chars_format::hex : std::chars_format::general);
  if (read != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return underflow(plain, is_negative);
  return is_negative ? -value : value;
}

std::int64_t truncate_to_integer(double value) noexcept {
  constexpr double kLimit = 9223372036854775808.0;
  if (!(value >= -kLimit && value < kLimit)) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

}  // namespace tote::go_template
