// Small text helpers that the standard library of this compiler lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text) noexcept;  // ASCII blanks at both ends
std::string to_lower(std::string_view text);            // ASCII only
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;  // ASCII only

// Length of the valid UTF-8 sequence that `text` begins with (RFC 3629), or 0.
std::size_t utf8_length(std::string_view text) noexcept;
bool is_utf8(std::string_view text) noexcept;

// A whole, non-negative decimal number and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

// RFC 3986: everything outside "unreserved" becomes %XX.
std::string percent_encode(std::string_view text);
std::string base64_encode(std::string_view bytes);
// RFC 4648, padding optional; nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace tote
