// Writing YAML the way imgpkg writes it (docs/formats.md), so that files come out the same.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace tote {

// `text` as a scalar that a YAML 1.1 reader takes for this very string. `column` is where it will
// start on its line, `indent` the column of its key: long or multi-line text goes on two further.
std::string yaml_scalar(std::string_view text, std::size_t column, std::size_t indent);

// "key: value\n", indented by `indent` blanks.
std::string yaml_field(std::string_view key, std::string_view value, std::size_t indent);
// "key:\n" with the map below, keys sorted; "" for an empty map.
std::string yaml_map_field(std::string_view key, const std::map<std::string, std::string>& map,
                           std::size_t indent);

// The order of keys: letters after everything else, numbers by value ("a9" before "a10").
bool yaml_key_less(std::string_view a, std::string_view b);

}  // namespace tote
