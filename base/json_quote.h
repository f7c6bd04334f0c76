// Strings in JSON's quotes (RFC 8259, section 7), the way Go has them.
#pragma once

#include <string>
#include <string_view>

namespace tote {

enum class JsonEscape {
  kLikeGo,   // as Go's encoding/json does by default: also <, >, &, U+2028 and U+2029
  kMinimal,  // what JSON demands: easier to read, the same to a program
};

// `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text, JsonEscape escape = JsonEscape::kLikeGo);
void append_json_quoted(std::string& out, std::string_view text, JsonEscape escape);

}  // namespace tote
