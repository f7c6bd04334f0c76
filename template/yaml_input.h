// Values of YAML, as Helm's fromYaml reads it: by way of JSON, so that all numbers are floats.
#pragma once

#include "template/value.h"

#include <string_view>

namespace tote::go_template {

// The first document. Error{kParse} for what is none.
Value read_yaml(std::string_view text);

}  // namespace tote::go_template
