// Texts in Go's quotes, written and read as its strconv does.
#pragma once

#include "template/unicode.h"

#include <optional>
#include <string>
#include <string_view>

namespace tote::go_template {

enum class Quoting { kPrintable, kAscii };  // what is written without an escape

std::string go_quote(std::string_view text, Quoting quoting = Quoting::kPrintable);
// One character in single quotes.
std::string go_quote_symbol(char32_t code, Quoting quoting = Quoting::kPrintable);
// Whether it can stand in backquotes as it is.
bool can_backquote(std::string_view text) noexcept;

// What a text in double quotes or backquotes says; nullopt: it is none.
std::optional<std::string> go_unquote(std::string_view text);
// The same of one character in single quotes. `text` has its first quote and ends somewhere.
struct Character {
  char32_t code;
  std::string_view rest;  // behind it, with the last quote
};
std::optional<Character> go_unquote_symbol(std::string_view text);

}  // namespace tote::go_template
