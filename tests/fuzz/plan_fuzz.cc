// Plans of copies: what is read can be written, and then says the same.
#include "bundle/transfer_plan.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;

void check(std::string_view text) {
  const bundle::PlanFile file = bundle::parse_plan(text);
  const std::string written = bundle::encode_plan(file.plan, "[]");
  const bundle::PlanFile again = bundle::parse_plan(written);
  fuzz::require(bundle::differences(file.plan, again.plan).empty(), "it says the same");
  fuzz::require(bundle::encode_plan(again.plan, "[]") == written, "texts are normal");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::allow_errors([&] { check(fuzz::as_view(data, size)); });
  return 0;
}
