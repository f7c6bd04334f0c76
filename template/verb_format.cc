#include "template/verb_format.h"

#include "template/number_text.h"
#include "template/quote.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace tote::go_template {
namespace {

std::string digits_of(std::uint64_t value, unsigned base, bool upper) {
  const std::string_view letters = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    out += letters[value % base];
    value /= base;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

char32_t symbol_of(std::uint64_t code) {
  return code > kMaxSymbol ? kReplacement : static_cast<char32_t>(code);
}

}  // namespace

void VerbFormat::fill(std::size_t count, char with) {
  out_.append(count, with);
}

void VerbFormat::pad(std::string_view text) {
  const std::size_t size = flags.has_width ? count_symbols(text) : 0;
  const std::size_t missing = flags.has_width && flags.width > size ? flags.width - size : 0;
  if (!flags.minus) fill(missing, flags.zero ? '0' : ' ');
  out_ += text;
  if (flags.minus) fill(missing, ' ');
}

std::string_view VerbFormat::truncated(std::string_view value) const {
  if (!flags.has_precision) return value;
  std::string_view rest = value;
  for (std::size_t i = 0; i < flags.precision && !rest.empty(); ++i)
    rest.remove_prefix(first_symbol(rest).length);
  return value.substr(0, value.size() - rest.size());
}

std::string VerbFormat::prefixed(std::string digits, const Integer& number, char verb,
                                 bool upper) const {
  if (flags.sharp && number.base == 2) digits.insert(0, "0b");
  if (flags.sharp && number.base == 8 && digits.front() != '0') digits.insert(0, "0");
  if (flags.sharp && number.base == 16) digits.insert(0, upper ? "0X" : "0x");
  if (verb == 'O') digits.insert(0, "0o");
  if (number.is_negative)
    digits.insert(0, "-");
  else if (flags.plus)
    digits.insert(0, "+");
  else if (flags.space)
    digits.insert(0, " ");
  return digits;
}

void VerbFormat::integer(Integer number, char verb, bool upper) {
  std::size_t least = 0;
  const bool had_zero = std::exchange(flags.zero, false);
  if (flags.has_precision) {
    least = flags.precision;
    if (least == 0 && number.value == 0) {
      fill(flags.width, ' ');
      flags.zero = had_zero;
      return;
    }
  } else if (had_zero && flags.has_width) {
    const bool has_sign = number.is_negative || flags.plus || flags.space;
    least = flags.width - (has_sign && flags.width > 0 ? 1 : 0);
  }
  std::string digits = digits_of(number.value, number.base, upper);
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  pad(prefixed(std::move(digits), number, verb, upper));
  flags.zero = had_zero;
}

void VerbFormat::hex_address(std::uint64_t value, bool leading_0x) {
  const bool had_sharp = std::exchange(flags.sharp, leading_0x);
  integer({.value = value, .is_negative = false, .base = 16}, 'v', false);
  flags.sharp = had_sharp;
}

void VerbFormat::unicode(std::uint64_t code) {
  const std::size_t least = flags.has_precision ? std::max<std::size_t>(flags.precision, 4) : 4;
  std::string digits = digits_of(code, 16, true);
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  std::string out = "U+" + digits;
  if (flags.sharp && code <= kMaxSymbol && is_printable(static_cast<char32_t>(code))) {
    out += " '";
    append_symbol(out, static_cast<char32_t>(code));
    out += '\'';
  }
  const bool had_zero = std::exchange(flags.zero, false);
  pad(out);
  flags.zero = had_zero;
}

void VerbFormat::symbol(std::uint64_t code) {
  std::string out;
  append_symbol(out, symbol_of(code));
  pad(out);
}

void VerbFormat::quoted_symbol(std::uint64_t code) {
  pad(go_quote_symbol(symbol_of(code), flags.plus ? Quoting::kAscii : Quoting::kPrintable));
}

void VerbFormat::hex_text(std::string_view bytes, bool upper) {
  if (flags.has_precision) bytes = bytes.substr(0, flags.precision);
  if (bytes.empty()) {
    if (flags.has_width) fill(flags.width, flags.zero ? '0' : ' ');
    return;
  }
  const std::string_view head = upper ? "0X" : "0x";
  std::string out(flags.sharp ? head : "");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (flags.space && i > 0) out += flags.sharp ? fmt::format(" {}", head) : " ";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  pad(out);
}

void VerbFormat::quoted(std::string_view value) {
  value = truncated(value);
  if (flags.sharp && can_backquote(value)) return pad(fmt::format("`{}`", value));
  pad(go_quote(value, flags.plus ? Quoting::kAscii : Quoting::kPrintable));
}

// "%#g" and the like: a point always, and the zeros that stand for digits.
std::string VerbFormat::with_point(std::string number, char verb, int precision) const {
  const bool counts = std::string_view("vgGx").find(verb) != std::string_view::npos;
  int missing = !counts ? 0 : precision < 0 ? 6 : precision;
  const bool is_hex = verb == 'x' || verb == 'X';
  const std::size_t end = std::min(number.find_first_of(is_hex ? "pP" : "eEpP", 1), number.size());
  const std::string tail = number.substr(end);
  number.resize(end);
  bool has_started = false;
  for (const char c : number.substr(1)) {
    if (c == '.') continue;
    has_started = has_started || c != '0';
    if (has_started) --missing;
  }
  if (number.find('.') == std::string::npos) {
    if (number.size() == 2 && number[1] == '0') --missing;
    number += '.';
  }
  if (missing > 0) number.append(static_cast<std::size_t>(missing), '0');
  return number + tail;
}

void VerbFormat::floating(double value, char verb, int default_precision) {
  const int precision = flags.has_precision ? static_cast<int>(flags.precision) : default_precision;
  std::string number =
      format_float(value, verb, precision < 0 ? std::nullopt : std::optional<int>(precision));
  if (number.front() != '-' && number.front() != '+') number.insert(0, "+");
  if (flags.space && number.front() == '+' && !flags.plus) number.front() = ' ';
  if (number[1] == 'I' || number[1] == 'N') {
    const bool had_zero = std::exchange(flags.zero, false);
    if (number[1] == 'N' && !flags.space && !flags.plus) number.erase(0, 1);
    pad(number);
    flags.zero = had_zero;
    return;
  }
  if (flags.sharp && verb != 'b') number = with_point(std::move(number), verb, precision);
  if (!flags.plus && number.front() == '+') return pad(std::string_view(number).substr(1));
  if (flags.zero && flags.has_width && flags.width > number.size()) {
    out_ += number.front();
    fill(flags.width - number.size(), '0');
    out_ += std::string_view(number).substr(1);
    return;
  }
  pad(number);
}

}  // namespace tote::go_template
