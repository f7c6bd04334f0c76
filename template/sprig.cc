#include "template/sprig.h"

namespace tote::go_template {

FunctionMap sprig_functions() {
  FunctionMap all;
  return all;
}

}  // namespace tote::go_template
