#include "template/sprig.h"

namespace tote::go_template {

FunctionMap sprig_functions() {
  FunctionMap all;
  add_string_functions(all);
  add_case_functions(all);
  add_wrap_functions(all);
  add_default_functions(all);
  add_reflection_functions(all);
  add_list_functions(all);
  add_dict_functions(all);
  add_merge_functions(all);
  add_number_functions(all);
  add_decimal_functions(all);
  add_encoding_functions(all);
  add_path_functions(all);
  add_regex_functions(all);
  add_random_functions(all);
  add_semver_functions(all);
  add_absent_functions(all);
  return all;
}

}  // namespace tote::go_template
