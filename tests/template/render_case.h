// One template with its data and what becomes of it, as tests/data/template has them.
#pragma once

#include "template/helm_functions.h"
#include "template/template.h"
#include "template/value.h"

#include <string>
#include <string_view>

namespace tote::go_template {

struct RenderCase {
  std::string text;
  Value data;
  std::string name;
  MissingKey missing_key = MissingKey::kZero;
  // Of Go. "ERROR: " in front of an error.
  std::string expected;
};

// One line of JSON: {"template": ..., "data": ..., "output": ...} or with "error".
RenderCase read_case(std::string_view line);
// The output, or "ERROR: " with the error.
std::string render(const RenderCase& rendered);

}  // namespace tote::go_template
