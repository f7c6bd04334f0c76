// Words in names: "someWords", "some_words", "some-words".
#pragma once

#include <string>
#include <string_view>

namespace tote::go_template {

std::string camel_case(std::string_view text);
// In lower case, `between` the words.
std::string parted_case(std::string_view text, char between);

}  // namespace tote::go_template
