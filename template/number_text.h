// Numbers written and read as Go's strconv does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tote::go_template {

// `form`: one of "eEfgGbxX". `precision`: nullopt takes as few digits as say the very number.
std::string format_float(double value, char form, std::optional<int> precision = std::nullopt);

// nullopt: it is no such number, or does not fit. Base 0: as its prefix says, with "_" allowed.
std::optional<std::uint64_t> parse_unsigned(std::string_view text, unsigned base);
std::optional<std::int64_t> parse_integer(std::string_view text, unsigned base);
std::optional<double> parse_float(std::string_view text);
// Towards zero; what does not fit is the smallest number, as Go has it on amd64.
std::int64_t truncate_to_integer(double value) noexcept;

}  // namespace tote::go_template
