// Inventories: what is read can be written, and then says the same.
#include "bundle/inventory.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  fuzz::allow_errors([&] {
    const bundle::Inventory inventory = bundle::Inventory::parse(fuzz::as_view(data, size));
    const std::string text = inventory.encode();
    const bundle::Inventory again = bundle::Inventory::parse(text);
    fuzz::require(again.blobs == inventory.blobs && again.tags == inventory.tags,
                  "it says the same");
    fuzz::require(again.encode() == text, "texts are normal");
  });
  return 0;
}
