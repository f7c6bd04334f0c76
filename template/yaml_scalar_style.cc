#include "template/yaml_scalar_style.h"

#include "base/yaml_type.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tote::go_template {
namespace {

bool is_digit_char(char c) {
  return c >= '0' && c <= '9';
}

// Takes so many digits at the most off the front; their value, -1: there were none.
int take_digits(std::string_view& text, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < text.size() && is_digit_char(text[count])) ++count;
  int value = -1;
  std::from_chars(text.data(), text.data() + count, value);
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// "1:30", "-190:20:30.15": a number to other readers.
bool is_sexagesimal(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return false;
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  if (text.empty() || !is_digit_char(text.front())) return false;
  const auto rest = text.find_first_not_of("0123456789_");
  text.remove_prefix(std::min(rest, text.size()));
  std::size_t groups = 0;
  for (; take(text, ":"); ++groups) {
    const std::size_t before = text.size();
    const int value = take_digits(text, 2);
    if (value < 0 || (before - text.size() == 2 && value > 59)) return false;
  }
  if (groups == 0) return false;
  return text.empty() ||
         (take(text, ".") && text.find_first_not_of("0123456789_") == std::string_view::npos);
}

bool is_date(int year, int month, int day) {
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[static_cast<std::size_t>(month) - 1] + (month == 2 && leaps ? 1 : 0);
}

bool is_zone(std::string_view text) {
  if (text == "Z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  return is_digit_char(text[1]) && is_digit_char(text[2]) && is_digit_char(text[4]) &&
         is_digit_char(text[5]);
}

bool take_time(std::string_view& text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ":")) return false;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ":")) return false;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return false;
  if (take(text, ".") && take_digits(text, 18) < 0) return false;
  return true;
}

bool is_timestamp(std::string_view text) {
  if (text.size() < 8 || text.find_first_not_of("0123456789") != 4) return false;
  const int year = take_digits(text, 4);
  if (!take(text, "-")) return false;
  const int month = take_digits(text, 2);
  if (!take(text, "-")) return false;
  const int day = take_digits(text, 2);
  if (!is_date(year, month, day)) return false;
  if (text.empty()) return true;
  const bool has_zone = take(text, "T") || take(text, "t");
  if (!has_zone && !take(text, " ")) return false;
  return take_time(text) && (has_zone ? is_zone(text) : text.empty());
}

bool is_text_when_plain(std::string_view text) {
  return plain_yaml_type(text) == YamlType::kText && !is_sexagesimal(text) && !is_timestamp(text);
}

bool is_break(char32_t code) {
  return code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool is_shown(char32_t code) {
  return code == '\n' || (code >= 0x20 && code <= 0x7E) || (code >= 0xA0 && code < 0xD800) ||
         (code >= 0xE000 && code <= 0xFFFD && code != 0xFEFF);
}

// What a text has that decides how it may be written.
struct Features {
  bool has_indicators = false;
  bool has_breaks = false;
  bool is_special = false;
  bool has_space_at_end = false;
  bool has_blank_at_edge = false;
  bool has_break_before_space = false;
  bool has_space_before_break = false;
};

bool is_blank_or_end(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == ' ' || text[at] == '\t';
}

bool is_indicator(std::string_view text, std::size_t at, bool is_behind_blank) {
  const char c = text[at];
  const bool is_before_blank = is_blank_or_end(text, at + 1);
  if (c == ':') return is_before_blank;
  if (c == '#') return is_behind_blank;
  if (at > 0) return false;
  if (c == '?' || c == '-') return is_before_blank;
  return std::string_view(",[]{}&*!|>'\"%@`").find(c) != std::string_view::npos;
}

Features features_of(std::string_view text) {
  Features out;
  out.has_indicators = text.starts_with("---") || text.starts_with("...");
  bool was_space = false;
  bool was_break = false;
  bool is_behind_blank = true;
  for (std::size_t at = 0; at < text.size();) {
    const Symbol symbol = first_symbol(text.substr(at));
    const bool is_edge = at == 0 || at + symbol.length == text.size();
    const bool is_space = symbol.code == ' ';
    const bool breaks = is_break(symbol.code);
    out.has_indicators |= symbol.length == 1 && is_indicator(text, at, is_behind_blank);
    out.is_special |= !is_shown(symbol.code);
    out.has_breaks |= breaks;
    out.has_blank_at_edge |= is_edge && (is_space || breaks);
    out.has_space_at_end |= is_space && at + 1 == text.size();
    out.has_break_before_space |= is_space && was_break;
    out.has_space_before_break |= breaks && was_space;
    was_space = is_space;
    was_break = breaks;
    is_behind_blank = is_space || symbol.code == '\t' || breaks;
    at += symbol.length;
  }
  return out;
}

constexpr std::size_t kBestWidth = 80;

// Lines that end at the first lone blank behind the best width.
class Folder {
 public:
  explicit Folder(YamlSpace space) : space_(space) {}

  void add(std::string_view text) {
    out_ += text;
    space_.column += count_symbols(text);
    is_behind_space_ = text == " ";
  }

  // Instead of a blank; false: here the line goes on.
  bool fold() {
    if (!space_.may_fold || is_behind_space_ || space_.column <= kBestWidth) return false;
    out_ += '\n' + std::string(space_.indent, ' ');
    space_.column = space_.indent;
    is_behind_space_ = true;
    return true;
  }

  // Of a plain text, or one in single quotes, which are doubled.
  void add_all(std::string_view text, bool is_quoted) {
    bool is_behind_break = false;  // of Unicode; behind it the next line is indented
    for (std::size_t at = 0; at < text.size();) {
      const auto [code, length] = first_symbol(text.substr(at));
      if (is_behind_break && !is_break(code)) add(std::string(space_.indent, ' '));
      is_behind_break = is_break(code);
      const bool is_lone =
          text[at] == ' ' && at + 1 < text.size() && text[at + 1] != ' ' && (at > 0 || !is_quoted);
      if (!is_lone || !fold()) add(is_quoted && text[at] == '\'' ? "''" : text.substr(at, length));
      at += length;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  YamlSpace space_;
  std::string out_;
  bool is_behind_space_ = false;
};

// A symbol as it stands in double quotes.
std::string escaped(const Symbol& symbol, std::string_view text) {
  constexpr std::string_view kEscaped("\0\a\b\t\n\v\f\r\x1b\"\\", 11);
  constexpr std::string_view kLetters = "0abtnvfre\"\\";
  const std::size_t letter =
      symbol.length == 1 ? kEscaped.find(text.front()) : std::string_view::npos;
  const auto code = static_cast<std::uint32_t>(symbol.code);
  if (letter != std::string_view::npos) return {'\\', kLetters[letter]};
  if (is_shown(symbol.code) && !is_break(symbol.code)) return std::string(text);
  if (code == 0x85) return "\\N";
  if (code == 0x2028 || code == 0x2029) return code == 0x2028 ? "\\L" : "\\P";
  if (code <= 0xFF) return fmt::format("\\x{:02X}", code);
  return code <= 0xFFFF ? fmt::format("\\u{:04X}", code) : fmt::format("\\U{:08X}", code);
}

}  // namespace

YamlStyle yaml_style_of(std::string_view text, bool is_key) {
  if (text.empty()) return YamlStyle::kDoubleQuoted;
  const Features features = features_of(text);
  const bool is_restricted = features.has_space_before_break || features.is_special;
  if (text.find('\n') != std::string_view::npos) {
    const bool may_be_literal = !is_restricted && !features.has_space_at_end && !is_key;
    return may_be_literal ? YamlStyle::kLiteral : YamlStyle::kDoubleQuoted;
  }
  if (!is_text_when_plain(text) || is_restricted || features.has_break_before_space)
    return YamlStyle::kDoubleQuoted;
  if (features.has_blank_at_edge || features.has_breaks || features.has_indicators)
    return YamlStyle::kSingleQuoted;
  return YamlStyle::kPlain;
}

bool has_yaml_break(std::string_view text) {
  return features_of(text).has_breaks;
}

bool is_readable_yaml(std::string_view text) {
  while (!text.empty()) {
    const char32_t code = first_symbol(text).code;
    if (code == 0x7F || (code >= 0x80 && code < 0xA0 && code != 0x85)) return false;
    text.remove_prefix(first_symbol(text).length);
  }
  return true;
}

std::string yaml_plain(std::string_view text, YamlSpace space) {
  Folder out(space);
  out.add_all(text, false);
  return out.take();
}

std::string yaml_single_quoted(std::string_view text, YamlSpace space) {
  Folder out(space);
  out.add("'");
  out.add_all(text, true);
  out.add("'");
  return out.take();
}

std::string yaml_double_quoted(std::string_view text, YamlSpace space) {
  Folder out(space);
  out.add("\"");
  for (std::size_t at = 0; at < text.size();) {
    const Symbol symbol = first_symbol(text.substr(at));
    const bool is_inside = at > 0 && at + 1 < text.size();
    if (symbol.code != ' ')
      out.add(escaped(symbol, text.substr(at, symbol.length)));
    else if (!is_inside || !out.fold())
      out.add(" ");
    else if (text[at + 1] == ' ')
      out.add("\\");
    at += symbol.length;
  }
  out.add("\"");
  return out.take();
}

std::string yaml_literal(std::string_view text, std::size_t indent) {
  std::string out = "|";
  if (text.front() == ' ' || is_break(first_symbol(text).code)) out += '2';
  const bool ends_line = text.ends_with('\n');
  if (!ends_line)
    out += '-';
  else if (text.size() == 1 || text[text.size() - 2] == '\n')
    out += '+';
  out += '\n';
  bool begins_line = true;
  for (const char c : text) {
    if (c != '\n' && begins_line) out.append(indent, ' ');
    out += c;
    begins_line = c == '\n';
  }
  // The next line begins with a break of its own.
  if (ends_line) out.pop_back();
  return out;
}

}  // namespace tote::go_template
