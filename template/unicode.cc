#include "template/unicode.h"

#include "base/text.h"

#include <algorithm>

namespace tote::go_template {
namespace {

char32_t code_of(std::string_view sequence) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(sequence[i]));
  };
  if (sequence.size() == 1) return byte(0);
  char32_t code = byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) code = (code << 6U) | (byte(i) & 0x3FU);
  return code;
}

}  // namespace

Symbol first_symbol(std::string_view text) noexcept {
  const std::size_t length = utf8_length(text);
  if (length == 0) return {};
  return {code_of(text.substr(0, length)), length};
}

Symbol last_symbol(std::string_view text) noexcept {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
    const std::string_view end = text.substr(text.size() - length);
    if (utf8_length(end) == length) return {code_of(end), length};
  }
  return {};
}

std::size_t count_symbols(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_symbol(text).length);
  return count;
}

void append_symbol(std::string& out, char32_t code) {
  if (code > kMaxSymbol || (code >= 0xD800 && code < 0xE000)) code = kReplacement;
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | (code >> 6U));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
}

bool is_space(char32_t code) noexcept {
  switch (code) {
    case ' ':
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return code >= 0x2000 && code <= 0x200A;
  }
}

std::string_view trim_spaces(std::string_view text) noexcept {
  while (!text.empty() && is_space(first_symbol(text).code))
    text.remove_prefix(first_symbol(text).length);
  while (!text.empty() && is_space(last_symbol(text).code))
    text.remove_suffix(last_symbol(text).length);
  return text;
}

}  // namespace tote::go_template
