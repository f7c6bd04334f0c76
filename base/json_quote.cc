#include "base/json_quote.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote {
namespace {

// A character that JSON and Go leave as it is.
bool is_plain(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

// What RFC 8259 lets stand as it is.
bool is_plain_json(std::string_view symbol) {
  return symbol.size() > 1 || symbol == "<" || symbol == ">" || symbol == "&";
}

// What Go does.
bool is_plain_for_go(std::string_view symbol) {
  return symbol.size() > 1 && symbol != "\u2028" && symbol != "\u2029";
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&')
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  else
    out += c;
}

}  // namespace

void append_json_quoted(std::string& out, std::string_view text, JsonEscape escape) {
  out += '"';
  while (!text.empty()) {
    // Most text is plain, and there may be megabytes of it.
    const auto plain = std::find_if_not(text.begin(), text.end(), is_plain) - text.begin();
    out += text.substr(0, static_cast<std::size_t>(plain));
    text.remove_prefix(static_cast<std::size_t>(plain));
    if (text.empty()) break;
    const std::size_t length = utf8_length(text);
    const std::string_view symbol = text.substr(0, length == 0 ? 1 : length);
    if (length == 0)
      out += "\\ufffd";
    else if (escape == JsonEscape::kMinimal ? is_plain_json(symbol) : is_plain_for_go(symbol))
      out += symbol;
    else if (length == 1)
      append_ascii(out, symbol[0]);
    else
      out += symbol == "\u2028" ? "\\u2028" : "\\u2029";
    text.remove_prefix(symbol.size());
  }
  out += '"';
}

std::string json_quote(std::string_view text, JsonEscape escape) {
  std::string out;
  append_json_quoted(out, text, escape);
  return out;
}

}  // namespace tote
