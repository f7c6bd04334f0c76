// Templates of any text: they are parsed or refused.
#include "template/helm_functions.h"
#include "template/template.h"
#include "tests/fuzz/fuzz.h"

using namespace tote;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const go_template::FunctionMap functions = go_template::helm_functions();
  fuzz::allow_errors([&] {
    go_template::TemplateSet set(functions, {});
    set.parse("t", fuzz::as_view(data, size));
    fuzz::require(set.has("t"), "what was parsed is there");
  });
  return 0;
}
