// Values of JSON, as Go's encoding/json reads it.
#pragma once

#include "template/value.h"

#include <string_view>

namespace tote::go_template {

// kFloats is what Go makes of all of them; kWhole leaves whole ones that fit int64.
enum class JsonNumbers { kFloats, kWhole };

// Error{kParse} with Go's words: "invalid character 'x' looking for beginning of value".
Value read_json(std::string_view text, JsonNumbers numbers = JsonNumbers::kFloats);

}  // namespace tote::go_template
