#include "template/json_input.h"

#include "base/error.h"
#include "template/number_text.h"
#include "template/quote.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace tote::go_template {
namespace {

class Input {
 public:
  Input(std::string_view text, JsonNumbers numbers) : text_(text), numbers_(numbers) {}

  Value read() {
    Value value = read_value(0);
    skip_spaces();
    if (at_ < text_.size()) refuse("after top-level value");
    return value;
  }

 private:
  [[noreturn]] static void fail(std::string what) {
    throw Error(ErrorKind::kParse, std::move(what));
  }

  [[noreturn]] void refuse(std::string_view where) const {
    if (at_ >= text_.size()) fail("unexpected end of JSON input");
    const char c = text_[at_];
    const auto byte = static_cast<unsigned char>(c);
    const std::string shown = c == '"' ? "'\"'" : go_quote_symbol(byte);
    fail(fmt::format("invalid character {} {}", shown, where));
  }

  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }

  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool is_at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  Value read_value(std::size_t depth) {
    if (depth > kMaxNesting) fail("exceeded max depth");
    skip_spaces();
    if (at_ >= text_.size()) refuse("");
    switch (text_[at_]) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return Value::text(read_text());
      case 't':
        return read_word("true", Value::boolean(true));
      case 'f':
        return read_word("false", Value::boolean(false));
      case 'n':
        return read_word("null", {});
      default:
        if (!is_at('-') && !is_at_digit()) refuse("looking for beginning of value");
        return read_number();
    }
  }

  Value read_word(std::string_view word, Value value) {
    for (const char c : word) {
      if (!is_at(c)) refuse(fmt::format("in literal {} (expecting '{}')", word, c));
      ++at_;
    }
    return value;
  }

  void read_digits(std::string_view where) {
    if (!is_at_digit()) refuse(where);
    while (is_at_digit()) ++at_;
  }

  Value read_number() {
    const std::size_t begin = at_;
    if (is_at('-')) ++at_;
    if (is_at('0'))
      ++at_;
    else
      read_digits("in numeric literal");
    if (is_at('.')) {
      ++at_;
      read_digits("after decimal point in numeric literal");
    }
    if (is_at('e') || is_at('E')) {
      ++at_;
      if (is_at('+') || is_at('-')) ++at_;
      read_digits("in exponent of numeric literal");
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    if (numbers_ == JsonNumbers::kWhole)
      if (const std::optional<std::int64_t> whole = parse_integer(number, 10))
        return Value::int64(*whole);
    const std::optional<double> value = parse_float(number);
    if (!value)
      fail(fmt::format("json: cannot unmarshal number {} into Go value of type float64", number));
    return Value::floating(*value);
  }

  std::optional<char32_t> read_hex(std::size_t at) const {
    char32_t code = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const char c = i < text_.size() ? text_[i] : 'x';
      const std::optional<std::uint64_t> digit = parse_unsigned(std::string_view(&c, 1), 16);
      if (!digit) return std::nullopt;
      code = code * 16 + static_cast<char32_t>(*digit);
    }
    return code;
  }

  // Behind "\u"; half of a pair becomes U+FFFD.
  void read_unicode(std::string& out) {
    const std::optional<char32_t> first = read_hex(at_);
    if (!first) {
      while (at_ < text_.size() && parse_unsigned(text_.substr(at_, 1), 16)) ++at_;
      refuse("in \\u hexadecimal character escape");
    }
    at_ += 4;
    const bool may_be_pair = *first >= 0xD800 && *first < 0xDC00;
    if (may_be_pair && text_.substr(at_).starts_with("\\u")) {
      const std::optional<char32_t> second = read_hex(at_ + 2);
      if (second && *second >= 0xDC00 && *second < 0xE000) {
        at_ += 6;
        return append_symbol(out, 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00));
      }
    }
    append_symbol(out, *first);
  }

  void read_escape(std::string& out) {
    constexpr std::string_view kLetters = "bfnrt\"\\/";
    constexpr std::string_view kMeant = "\b\f\n\r\t\"\\/";
    ++at_;
    if (is_at('u')) {
      ++at_;
      return read_unicode(out);
    }
    const std::size_t letter = at_ < text_.size() ? kLetters.find(text_[at_]) : std::string::npos;
    if (letter == std::string::npos) refuse("in string escape code");
    out += kMeant[letter];
    ++at_;
  }

  std::string read_text() {
    std::string out;
    ++at_;
    while (!is_at('"')) {
      if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20)
        refuse("in string literal");
      if (is_at('\\')) {
        read_escape(out);
        continue;
      }
      const Symbol symbol = first_symbol(text_.substr(at_));
      append_symbol(out, symbol.code);
      at_ += symbol.length;
    }
    ++at_;
    return out;
  }

  Value read_array(std::size_t depth) {
    std::vector<Value> items;
    ++at_;
    skip_spaces();
    while (!is_at(']')) {
      items.push_back(read_value(depth + 1));
      skip_spaces();
      if (is_at(']')) break;
      if (!is_at(',')) refuse("after array element");
      ++at_;
      skip_spaces();
      if (is_at(']')) refuse("looking for beginning of value");
    }
    ++at_;
    return Value::list(std::move(items));
  }

  Value read_object(std::size_t depth) {
    auto map = std::make_shared<Map>();
    ++at_;
    skip_spaces();
    while (!is_at('}')) {
      if (!is_at('"')) refuse("looking for beginning of object key string");
      const std::string key = read_text();
      skip_spaces();
      if (!is_at(':')) refuse("after object key");
      ++at_;
      map->members[key] = read_value(depth + 1);
      skip_spaces();
      if (is_at('}')) break;
      if (!is_at(',')) refuse("after object key:value pair");
      ++at_;
      skip_spaces();
      if (is_at('}')) refuse("looking for beginning of object key string");
    }
    ++at_;
    return Value::map(std::move(map));
  }

  std::string_view text_;
  JsonNumbers numbers_;
  std::size_t at_ = 0;
};

}  // namespace

Value read_json(std::string_view text, JsonNumbers numbers) {
  return Input(text, numbers).read();
}

}  // namespace tote::go_template
