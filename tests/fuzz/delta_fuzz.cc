// tote.delta: what an archive says that it leaves out.
#include "archive/delta.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  fuzz::allow_errors([&] { archive::decode_delta(fuzz::as_view(data, size)); });
  return 0;
}
