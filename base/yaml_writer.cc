#include "base/yaml_writer.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kBestWidth = 80;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::string_view kDecimal = "0123456789_";

bool is_keyword(std::string_view text) {
  constexpr std::array<std::string_view, 35> kWords = {
      "~",     "<<",   "=",    "null", "Null", "NULL", "y",    "Y",     "n",
      "N",     "yes",  "Yes",  "YES",  "no",   "No",   "NO",   "on",    "On",
      "ON",    "off",  "Off",  "OFF",  "true", "True", "TRUE", "false", "False",
      "FALSE", ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", ".Nan"};
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// Takes what consists of `characters` off the front.
std::string_view take(std::string_view& text, std::string_view characters) {
  const std::size_t end = std::min(text.find_first_not_of(characters), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

bool is_prefixed_number(std::string_view text) {
  for (const auto& [prefix, digits] : {std::pair("0b", "01_"), std::pair("0o", "01234567_"),
                                       std::pair("0x", "0123456789abcdefABCDEF_")})
    if (text.starts_with(prefix) && text.size() > 2)
      return text.find_first_not_of(digits, 2) == std::string_view::npos;
  return false;
}

// "1", "1_000", "1.5", ".5", "1e3", "1:20:30"; no sign.
bool is_number(std::string_view text) {
  if (is_prefixed_number(text)) return true;
  const bool begins = !text.empty() && (is_digit(text[0]) ||
                                        (text[0] == '.' && text.size() > 1 && is_digit(text[1])));
  if (!begins) return false;
  take(text, kDecimal);
  while (text.starts_with(':')) {
    text.remove_prefix(1);
    if (take(text, kDecimal).empty()) return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    take(text, kDecimal);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (take(text, "0123456789").empty()) return false;
  }
  return text.empty();
}

// "2020-01-01", with or without a time behind.
bool is_timestamp(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  if (take(text, kDigits).size() != 4 || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  if (take(text, kDigits).empty() || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  if (take(text, kDigits).empty()) return false;
  return text.empty() || text[0] == 'T' || text[0] == 't' || text[0] == ' ' || text[0] == '\t';
}

// What a YAML 1.1 reader takes for something other than a string.
bool looks_like_another_type(std::string_view text) {
  if (is_keyword(text) || is_timestamp(text)) return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return is_number(text) || text == ".inf" || text == ".Inf" || text == ".INF";
}

struct Symbol {
  char32_t code;
  std::size_t length;
};

// The text is UTF-8: it came through a reader that checks. A stray byte counts as itself.
Symbol first_symbol(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const char32_t lead = byte(0);
  const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 1 || text.size() < length) return {lead, 1};
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = (code << 6U) | (byte(i) & 0x3FU);
  return {code, length};
}

bool is_plain_symbol(char32_t code) {
  // U+0085, U+2028 and U+2029 are line breaks to a YAML 1.1 reader.
  return (code >= 0x20 && code < 0x7F) ||
         (code >= 0xA0 && code < 0x10000 && code != 0xFEFF && code != 0x2028 && code != 0x2029);
}

template <class Accept>
bool all_symbols(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    if (!accept(symbol.code)) return false;
    text.remove_prefix(symbol.length);
  }
  return true;
}

std::string double_quoted(std::string_view text) {
  constexpr std::string_view kEscaped("\0\a\b\t\n\v\f\r\x1b\"\\", 11);
  constexpr std::string_view kLetters = "0abtnvfre\"\\";
  std::string out = "\"";
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    const std::size_t special =
        symbol.length == 1 ? kEscaped.find(text[0]) : std::string_view::npos;
    if (special != std::string_view::npos)
      out += {'\\', kLetters[special]};
    else if (is_plain_symbol(symbol.code))
      out += text.substr(0, symbol.length);
    else if (symbol.code == 0x85)
      out += "\\N";
    else if (symbol.code == 0x2028)
      out += "\\L";
    else if (symbol.code == 0x2029)
      out += "\\P";
    else if (symbol.code < 0x100)
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(symbol.code));
    else if (symbol.code < 0x10000)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(symbol.code));
    else
      out += fmt::format("\\U{:08X}", static_cast<unsigned>(symbol.code));
    text.remove_prefix(symbol.length);
  }
  return out + '"';
}

bool can_be_plain(std::string_view text) {
  constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`";
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (kIndicators.find(text.front()) != std::string_view::npos) return false;
  const bool alone = text.size() == 1 || text[1] == ' ';
  if ((text.front() == '-' || text.front() == '?' || text.front() == ':') && alone) return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos;
}

// Breaks at the first blank behind column 80, where one blank stands alone.
std::string folded(std::string_view text, std::size_t column, std::size_t indent) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_blank =
        text[i] == ' ' && i > 0 && text[i - 1] != ' ' && i + 1 < text.size() && text[i + 1] != ' ';
    if (lone_blank && column > kBestWidth) {
      out += '\n' + std::string(indent + 2, ' ');
      column = indent + 2;
      continue;
    }
    out += text[i];
    ++column;
  }
  return out;
}

std::string single_quoted(std::string_view text, std::size_t column, std::size_t indent) {
  std::string doubled;
  for (const char c : text) doubled += c == '\'' ? "''" : std::string(1, c);
  return "'" + folded(doubled, column + 1, indent) + "'";
}

// Literal blocks can not begin with a blank nor hold blanks before a line break.
bool can_be_literal(std::string_view text) {
  return text.front() != ' ' && text.front() != '\n' &&
         text.find(" \n") == std::string_view::npos && text.back() != ' ' &&
         !text.ends_with("\n\n") &&
         all_symbols(text, [](char32_t code) { return code == '\n' || is_plain_symbol(code); });
}

std::string literal(std::string_view text, std::size_t indent) {
  const bool ends_line = text.back() == '\n';
  if (ends_line) text.remove_suffix(1);
  std::string out = ends_line ? "|" : "|-";
  for (const std::string& line : split(text, '\n'))
    out += line.empty() ? "\n" : "\n" + std::string(indent + 2, ' ') + line;
  return out;
}

// Every byte of a non-ASCII symbol counts as part of a letter.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return text.substr(at, end - at);
}

// By value first, so that leading zeros decide only between equals.
int compare_numbers(std::string_view a, std::string_view b) {
  const std::string_view short_a = a.substr(std::min(a.find_first_not_of('0'), a.size()));
  const std::string_view short_b = b.substr(std::min(b.find_first_not_of('0'), b.size()));
  if (short_a.size() != short_b.size()) return short_a.size() < short_b.size() ? -1 : 1;
  if (const int order = short_a.compare(short_b); order != 0) return order;
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

}  // namespace

std::string yaml_scalar(std::string_view text, std::size_t column, std::size_t indent) {
  if (text.empty() || looks_like_another_type(text)) return double_quoted(text);
  if (text.find('\n') != std::string_view::npos && can_be_literal(text))
    return literal(text, indent);
  if (!all_symbols(text, is_plain_symbol)) return double_quoted(text);
  return can_be_plain(text) ? folded(text, column, indent) : single_quoted(text, column, indent);
}

std::string yaml_field(std::string_view key, std::string_view value, std::size_t indent) {
  const std::string head =
      fmt::format("{}{}: ", std::string(indent, ' '), yaml_scalar(key, indent, indent));
  return fmt::format("{}{}\n", head, yaml_scalar(value, head.size(), indent));
}

std::string yaml_map_field(std::string_view key, const std::map<std::string, std::string>& map,
                           std::size_t indent) {
  if (map.empty()) return {};
  std::vector<std::pair<std::string, std::string>> sorted(map.begin(), map.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return yaml_key_less(a.first, b.first); });
  std::string out = fmt::format("{}{}:\n", std::string(indent, ' '), key);
  for (const auto& [name, value] : sorted) out += yaml_field(name, value, indent + 2);
  return out;
}

bool yaml_key_less(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (is_letter(a[i]) != is_letter(b[i])) return is_letter(b[i]);
    // A difference inside two numbers is one between the whole numbers.
    std::size_t start = i;
    while (start > 0 && is_digit(a[start - 1])) --start;
    if (is_digit(a[i]) || is_digit(b[i]))
      if (const int order = compare_numbers(digits_at(a, start), digits_at(b, start)); order != 0)
        return order < 0;
    return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
  }
  return a.size() < b.size();
}

}  // namespace tote
