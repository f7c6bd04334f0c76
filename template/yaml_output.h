// YAML of values, as Helm's toYaml writes it (sigs.k8s.io/yaml on go-yaml v2: by way of JSON).
#pragma once

#include "template/value.h"

#include <string>

namespace tote::go_template {

// With a line break at its end. Error{kParse} for what has no form.
std::string yaml_text(const Value& value);

}  // namespace tote::go_template
