#include "template/token.h"

#include "template/quote.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <string_view>

namespace tote::go_template {

std::string Token::str() const {
  if (kind == TokenKind::kEnd) return "EOF";
  if (kind == TokenKind::kError) return text;
  if (kind >= TokenKind::kDot) return fmt::format("<{}>", text);
  if (text.size() <= 10) return go_quote(text);
  std::string_view rest = text;
  for (int i = 0; i < 10 && !rest.empty(); ++i) rest.remove_prefix(first_symbol(rest).length);
  return go_quote(std::string_view(text).substr(0, text.size() - rest.size())) + "...";
}

}  // namespace tote::go_template
