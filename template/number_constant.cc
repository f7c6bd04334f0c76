#include "template/number_constant.h"

#include "base/error.h"
#include "template/number_text.h"
#include "template/quote.h"

#include <optional>
#include <string_view>

namespace tote::go_template {
namespace {

[[noreturn]] void complain(std::string what) {
  throw Error(ErrorKind::kParse, std::move(what));
}

void set_integer(NumberNode& node, std::int64_t value) {
  node.is_integer = true;
  node.integer = value;
}

void set_unsigned(NumberNode& node, std::uint64_t value) {
  node.is_unsigned = true;
  node.unsigned_integer = value;
}

void set_float(NumberNode& node, double value) {
  node.is_float = true;
  node.floating = value;
}

void set_character(NumberNode& node) {
  const std::optional<Character> character = go_unquote_symbol(node.text);
  if (!character) complain("invalid syntax");
  if (character->rest != "'") complain("malformed character constant: " + node.text);
  set_integer(node, static_cast<std::int64_t>(character->code));
  set_unsigned(node, character->code);
  set_float(node, static_cast<double>(character->code));
}

// What a float is besides, if it is whole.
void set_whole(NumberNode& node, double value) {
  constexpr double kTwo63 = 9223372036854775808.0;
  const std::int64_t whole = truncate_to_integer(value);
  if (!node.is_integer && static_cast<double>(whole) == value) set_integer(node, whole);
  if (node.is_unsigned || !(value >= 0 && value < 2 * kTwo63)) return;
  const auto positive = static_cast<std::uint64_t>(value);
  if (static_cast<double>(positive) == value) set_unsigned(node, positive);
}

void set_complex(NumberNode& node, std::complex<double> value) {
  node.is_complex = true;
  node.complex = value;
  if (value.imag() != 0) return;
  set_float(node, value.real());
  set_whole(node, value.real());
}

// "1+2i": the sign that is neither the first nor an exponent's parts it.
void set_pair(NumberNode& node) {
  const std::string_view text = node.text;
  std::size_t sign = text.find_last_of("+-");
  if (sign > 0 && std::string_view("eEpP").find(text[sign - 1]) != std::string_view::npos)
    sign = text.find_last_of("+-", sign - 1);
  const std::optional<double> real = parse_float(text.substr(0, sign));
  const std::optional<double> imaginary = parse_float(text.substr(sign, text.size() - 1 - sign));
  if (!real || !imaginary) complain("syntax error scanning complex number");
  set_complex(node, {*real, *imaginary});
}

void set_number(NumberNode& node) {
  const std::string_view text = node.text;
  if (text.ends_with('i'))
    if (const std::optional<double> imaginary = parse_float(text.substr(0, text.size() - 1)))
      return set_complex(node, {0, *imaginary});
  if (const std::optional<std::uint64_t> value = parse_unsigned(text, 0))
    set_unsigned(node, *value);
  if (const std::optional<std::int64_t> value = parse_integer(text, 0)) {
    set_integer(node, *value);
    if (*value == 0) node.is_unsigned = true;  // "-0"
  }
  if (node.is_integer) return set_float(node, static_cast<double>(node.integer));
  if (node.is_unsigned) return set_float(node, static_cast<double>(node.unsigned_integer));
  const std::optional<double> value = parse_float(text);
  if (!value) complain("illegal number syntax: " + go_quote(text));
  if (text.find_first_of(".eEpP") == std::string_view::npos)
    complain("integer overflow: " + go_quote(text));
  set_float(node, *value);
  set_whole(node, *value);
}

}  // namespace

std::unique_ptr<NumberNode> number_constant(const Token& token) {
  auto node = std::make_unique<NumberNode>();
  node->text = token.text;
  if (token.kind == TokenKind::kCharConstant)
    set_character(*node);
  else if (token.kind == TokenKind::kComplex)
    set_pair(*node);
  else
    set_number(*node);
  return node;
}

}  // namespace tote::go_template
