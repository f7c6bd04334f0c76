// JSON of values, as Go's encoding/json writes it.
#pragma once

#include "template/value.h"

#include <cstddef>
#include <string>

namespace tote::go_template {

struct JsonForm {
  std::size_t indent = 0;    // blanks a level, each value on its own line; 0: all on one line
  bool escapes_html = true;  // <, > and &
};

// Error{kParse} for what JSON has no form for: functions, infinity, what contains itself.
std::string json_text(const Value& value, JsonForm form = {});
// A number as JSON has it: "1", "1.5", "1e+21".
std::string json_number(double value);

}  // namespace tote::go_template
