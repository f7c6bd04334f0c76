// The functions of Sprig 3.2.3, without "env" and "expandenv". Dates, certificates and some others
// are there by name only (sprig_absent.cc).
#pragma once

#include "template/functions.h"

namespace tote::go_template {

FunctionMap sprig_functions();

// By family; for template/sprig.cc.
void add_string_functions(FunctionMap& functions);
void add_case_functions(FunctionMap& functions);
void add_wrap_functions(FunctionMap& functions);
void add_default_functions(FunctionMap& functions);
void add_list_functions(FunctionMap& functions);
void add_dict_functions(FunctionMap& functions);
void add_merge_functions(FunctionMap& functions);
void add_number_functions(FunctionMap& functions);
void add_decimal_functions(FunctionMap& functions);
void add_encoding_functions(FunctionMap& functions);
void add_reflection_functions(FunctionMap& functions);
void add_path_functions(FunctionMap& functions);
void add_regex_functions(FunctionMap& functions);
void add_random_functions(FunctionMap& functions);
void add_semver_functions(FunctionMap& functions);
void add_absent_functions(FunctionMap& functions);

}  // namespace tote::go_template
