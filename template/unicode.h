// What Go 1.19 (Unicode 13) knows about characters: which may be in names, are shown as they are in
// quotes, have another case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tote::go_template {

inline constexpr char32_t kReplacement = 0xFFFD;  // stands for what is no UTF-8
inline constexpr char32_t kMaxSymbol = 0x10FFFF;

struct Symbol {
  char32_t code = kReplacement;
  std::size_t length = 1;  // in bytes

  bool is_valid() const noexcept { return code != kReplacement || length == 3; }
};

// The first and the last of a text, which is not empty. A byte that belongs to nothing is one
// kReplacement.
Symbol first_symbol(std::string_view text) noexcept;
Symbol last_symbol(std::string_view text) noexcept;
std::size_t count_symbols(std::string_view text) noexcept;
// Surrogates and what is too large become kReplacement.
void append_symbol(std::string& out, char32_t code);

bool is_printable(char32_t code) noexcept;  // Go's strconv.IsPrint
bool is_letter(char32_t code) noexcept;
bool is_digit(char32_t code) noexcept;  // of any script
bool is_space(char32_t code) noexcept;
bool is_punctuation(char32_t code) noexcept;
bool is_number(char32_t code) noexcept;  // digits, and "²", "Ⅷ"
bool is_upper(char32_t code) noexcept;
bool is_lower(char32_t code) noexcept;
char32_t to_upper(char32_t code) noexcept;
char32_t to_lower(char32_t code) noexcept;
char32_t to_title(char32_t code) noexcept;

// Each symbol by itself; what is no UTF-8 becomes U+FFFD.
std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string_view trim_spaces(std::string_view text) noexcept;

}  // namespace tote::go_template
