// Templates of any text at work: they end, within their bounds.
#include "template/helm_functions.h"
#include "template/json_input.h"
#include "template/template.h"
#include "tests/fuzz/fuzz.h"

using namespace tote;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const go_template::FunctionMap functions = go_template::helm_functions();
  constexpr go_template::Limits kLimits = {
      .steps = 20'000, .output = 1U << 20U, .made = 4U << 20U, .depth = 100};
  fuzz::allow_errors([&] {
    go_template::TemplateSet set(functions, {.limits = kLimits});
    set.parse("t", fuzz::as_view(data, size));
    const go_template::Value values =
        go_template::read_json(R"({"a":1,"b":"text","l":[1,"x",null],"m":{"k":{"z":2.5}}})",
                               go_template::JsonNumbers::kWhole);
    const std::string out = set.execute("t", values);
    fuzz::require(out.size() <= kLimits.output, "the output is within its bound");
  });
  return 0;
}
