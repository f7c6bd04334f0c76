// What Sprig makes of values of any type; for template/sprig_*.cc.
#pragma once

#include "template/functions.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote::go_template {

// 0 for what is no number. Texts by their prefix ("0x1F"), floats cut off.
std::int64_t to_integer(const Value& value);
double to_float(const Value& value);
// What it prints.
std::string to_text(const Value& value);
// Of a list: each of its items but nil; of nil nothing; of others itself.
std::vector<std::string> to_texts(const Value& value);
// The zero of its type, or without items.
bool is_empty(const Value& value);
// The items of a list. Error{kParse}: `complaint` and the kind of another value ("Cannot push on
// type string").
const std::vector<Value>& items_of(const Value& list, std::string_view complaint);

// Error{kParse} with these words.
[[noreturn]] void fail_call(std::string what);
// What Go's runtime says of text[begin:end] where that is not inside.
void check_slice(std::int64_t begin, std::int64_t end, std::size_t size);

}  // namespace tote::go_template
