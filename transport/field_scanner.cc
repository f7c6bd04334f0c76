#include "transport/field_scanner.h"

#include <algorithm>

namespace tote::transport {
namespace {

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

}  // namespace

void FieldScanner::skip(std::string_view characters) {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
}

std::string FieldScanner::token() {
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
  std::string out(rest_.begin(), end);
  rest_.remove_prefix(out.size());
  return out;
}

std::string FieldScanner::value() {
  if (!next_is('"')) return token();
  drop_one();
  std::string out;
  while (!at_end() && !next_is('"')) {
    if (next_is('\\') && rest_.size() > 1) drop_one();
    out += rest_.front();
    drop_one();
  }
  if (!at_end()) drop_one();
  return out;
}

std::string FieldScanner::up_to(char end) {
  const std::size_t at = rest_.find(end);
  if (at == std::string_view::npos) return {};
  std::string out(rest_.substr(0, at));
  rest_.remove_prefix(at + 1);
  return out;
}

}  // namespace tote::transport
