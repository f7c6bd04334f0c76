// Changes to a JSON document that leave every other byte of it as it is: the order of keys, blanks
// and line breaks, how numbers and strings are written, what occurs twice.
//
// nlohmann's parser cannot be asked where in the text a value stands: its events carry no
// positions, and the reader is a character ahead after some tokens and not after others. So these
// functions have the text checked by Json::parse(), whose bounds hold, and then look through what
// is known to be valid.
//
// Of a key that occurs twice the last one counts, as for Json and Go.
#pragma once

#include "base/json_writer.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

// Keys from the outermost object inwards, UTF-8; at least one.
using JsonPath = std::vector<std::string>;

// `text` with `value` at `path`. What is there is replaced; what is not is added behind the last
// member of its object, on a line of its own if its neighbour has one, with the neighbour's
// indentation and blanks. Objects that are missing on the way, or null, are made. Of a key that
// occurs twice the last is set, and the others stay. `what` names the document in complaints:
// Error{kParse} for a text or value that is no JSON, for something on the way that is no object,
// and for a result beyond Json's bounds.
std::string json_with(std::string_view text, const JsonPath& path, RawJson value,
                      std::string_view what);

// `text` without what is at `path`, however often its key occurs; an object that has no members
// left stays, as "{}". The same text if there is nothing. Error{kParse} for what is no JSON.
std::string json_without(std::string_view text, const JsonPath& path, std::string_view what);

// `text` with each item of the array at `path` replaced by what `change` makes of its place and its
// own text; what stands between them stays. The same text if there is no array. Error{kParse} for
// what is no JSON, and what `change` throws.
using ChangeItem = std::function<std::string(std::size_t, std::string_view)>;
std::string json_with_items(std::string_view text, const JsonPath& path, const ChangeItem& change,
                            std::string_view what);

}  // namespace tote
