// html, js and urlquery.
#include "template/builtins.h"
#include "template/print.h"
#include "template/unicode.h"

#include <fmt/format.h>

namespace tote::go_template {
namespace {

std::string joined(Rest<Value> operands) {
  for (Value& operand : operands.items)
    if (operand.is_nil()) operand = Value::text(print_result(Value()));
  return print(operands.items);
}

std::string_view html_of(char c) {
  switch (c) {
    case '\0':
      return "\xEF\xBF\xBD";
    case '"':
      return "&#34;";
    case '\'':
      return "&#39;";
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

std::string escape_html(const Rest<Value>& operands) {
  std::string out;
  for (const char c : joined(operands)) {
    const std::string_view instead = html_of(c);
    if (instead.empty())
      out += c;
    else
      out += instead;
  }
  return out;
}

void append_js(std::string& out, std::string_view text, const Symbol& symbol) {
  const char c = text.front();
  if (symbol.code >= 0x80) {
    if (is_printable(symbol.code))
      out += text.substr(0, symbol.length);
    else
      out += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(symbol.code));
  } else if (c == '\\' || c == '\'' || c == '"') {
    out += {'\\', c};
  } else if (c == '<' || c == '>' || c == '&' || c == '=' || symbol.code < ' ') {
    out += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(symbol.code));
  } else {
    out += c;
  }
}

std::string escape_js(const Rest<Value>& operands) {
  const std::string all = joined(operands);
  std::string out;
  for (std::string_view rest = all; !rest.empty();) {
    const Symbol symbol = first_symbol(rest);
    append_js(out, rest, symbol);
    rest.remove_prefix(symbol.length);
  }
  return out;
}

std::string escape_query(const Rest<Value>& operands) {
  std::string out;
  for (const char c : joined(operands)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-_.~").find(c) != std::string_view::npos;
    if (is_plain)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

void add_escaping(FunctionMap& functions) {
  functions["html"] = make_function(escape_html);
  functions["js"] = make_function(escape_js);
  functions["urlquery"] = make_function(escape_query);
}

}  // namespace tote::go_template
