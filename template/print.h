// Values as Go's package fmt prints them.
#pragma once

#include "template/value.h"

#include <span>
#include <string>
#include <string_view>

namespace tote::go_template {

// As Go's Sprint: blanks between operands of which neither is a text.
std::string print(std::span<const Value> operands);
std::string print(const Value& value);  // "%v"
// As Go's Sprintln.
std::string print_line(std::span<const Value> operands);
// As Go's Sprintf, with its complaints ("%!d(string=x)") where a verb does not fit.
std::string print_formatted(std::string_view format, std::span<const Value> operands);
// A value of which nothing is known but that it is one, behind "<no value>" for none: what an
// action of a template writes.
std::string print_result(const Value& value);

}  // namespace tote::go_template
