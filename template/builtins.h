// Families of the functions of the language; for template/builtin*.cc.
#pragma once

#include "template/functions.h"

namespace tote::go_template {

void add_comparisons(FunctionMap& functions);
void add_indexing(FunctionMap& functions);
void add_escaping(FunctionMap& functions);

}  // namespace tote::go_template
