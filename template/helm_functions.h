// The functions that templates of Helm charts have.
#pragma once

#include "template/functions.h"

namespace tote::go_template {

// Sprig's, but for those that read the environment, and Helm's own: include, tpl, required, toYaml
// and the like. "lookup" finds nothing, as where there is no cluster.
FunctionMap helm_functions();

}  // namespace tote::go_template
