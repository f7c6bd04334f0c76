#include "template/quote.h"

#include <fmt/format.h>

namespace tote::go_template {
namespace {

constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v";
constexpr std::string_view kEscapeLetters = "abfnrtv";

void append_escaped(std::string& out, char32_t code, char quote, Quoting quoting) {
  const auto narrow = static_cast<char>(code);
  const bool is_ascii = code < 0x80;
  if (is_ascii && (narrow == quote || narrow == '\\')) {
    out += {'\\', narrow};
    return;
  }
  if (is_printable(code) && (is_ascii || quoting == Quoting::kPrintable))
    return append_symbol(out, code);
  const std::size_t letter = is_ascii ? kEscaped.find(narrow) : std::string_view::npos;
  const auto number = static_cast<std::uint32_t>(code);
  if (letter != std::string_view::npos)
    out += {'\\', kEscapeLetters[letter]};
  else if (is_ascii)
    out += fmt::format("\\x{:02x}", number);
  else if (code < 0x10000)
    out += fmt::format("\\u{:04x}", number);
  else
    out += fmt::format("\\U{:08x}", number);
}

// A character as it stands in quotes: a byte of its own, or a symbol.
struct Unescaped {
  char32_t code;
  bool is_symbol;
};

std::optional<char32_t> take_digits(std::string_view& text, std::size_t count, unsigned base) {
  if (text.size() < count) return std::nullopt;
  char32_t value = 0;
  for (const char c : text.substr(0, count)) {
    const std::size_t digit =
        std::string_view("0123456789abcdef")
            .find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit >= base) return std::nullopt;
    value = value * base + static_cast<char32_t>(digit);
  }
  text.remove_prefix(count);
  return value;
}

std::optional<Unescaped> take_number(std::string_view& text, char kind) {
  const std::size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
  const std::optional<char32_t> code = take_digits(text, count, 16);
  if (!code) return std::nullopt;
  if (kind == 'x') return Unescaped{*code, false};
  if (*code > kMaxSymbol || (*code >= 0xD800 && *code < 0xE000)) return std::nullopt;
  return Unescaped{*code, true};
}

std::optional<Unescaped> take_escape(std::string_view& text, char quote) {
  if (text.empty()) return std::nullopt;
  const char kind = text.front();
  if (kind >= '0' && kind <= '7') {
    const std::optional<char32_t> code = take_digits(text, 3, 8);
    if (!code || *code > 255) return std::nullopt;
    return Unescaped{*code, false};
  }
  text.remove_prefix(1);
  if (kind == 'x' || kind == 'u' || kind == 'U') return take_number(text, kind);
  if (kind == '\\' || (kind == quote && quote != 0))
    return Unescaped{static_cast<char32_t>(kind), false};
  const std::size_t letter = kEscapeLetters.find(kind);
  if (letter == std::string_view::npos) return std::nullopt;
  return Unescaped{static_cast<char32_t>(kEscaped[letter]), false};
}

std::optional<Unescaped> take_character(std::string_view& text, char quote) {
  if (text.empty() || text.front() == quote) return std::nullopt;
  if (text.front() == '\\') {
    text.remove_prefix(1);
    return take_escape(text, quote);
  }
  const Symbol symbol = first_symbol(text);
  text.remove_prefix(symbol.length);
  return Unescaped{symbol.code, symbol.code >= 0x80};
}

std::optional<std::string> unquote_raw(std::string_view inner) {
  if (inner.find('`') != std::string_view::npos) return std::nullopt;
  std::string out;
  for (const char c : inner)
    if (c != '\r') out += c;
  return out;
}

}  // namespace

std::string go_quote(std::string_view text, Quoting quoting) {
  std::string out = "\"";
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    if (symbol.is_valid())
      append_escaped(out, symbol.code, '"', quoting);
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    text.remove_prefix(symbol.length);
  }
  return out + '"';
}

std::string go_quote_symbol(char32_t code, Quoting quoting) {
  if (code > kMaxSymbol || (code >= 0xD800 && code < 0xE000)) code = kReplacement;
  std::string out = "'";
  append_escaped(out, code, '\'', quoting);
  return out + '\'';
}

bool can_backquote(std::string_view text) noexcept {
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    if (!symbol.is_valid() || symbol.code == 0xFEFF || symbol.code == '`' || symbol.code == 0x7F ||
        (symbol.code < ' ' && symbol.code != '\t'))
      return false;
    text.remove_prefix(symbol.length);
  }
  return true;
}

std::optional<std::string> go_unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  const char quote = text.front();
  std::string_view inner = text.substr(1, text.size() - 2);
  if (quote == '`') return unquote_raw(inner);
  std::string out;
  while (!inner.empty()) {
    const bool is_line_break = inner.front() == '\n';
    const std::optional<Unescaped> next = take_character(inner, quote);
    if (!next || is_line_break) return std::nullopt;
    if (next->is_symbol)
      append_symbol(out, next->code);
    else
      out += static_cast<char>(next->code);
  }
  return out;
}

std::optional<Character> go_unquote_symbol(std::string_view text) {
  std::string_view rest = text.substr(1);
  const std::optional<Unescaped> code = take_character(rest, text.front());
  if (!code) return std::nullopt;
  return Character{code->code, rest};
}

}  // namespace tote::go_template
