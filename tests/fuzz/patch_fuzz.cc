// Patches of layers: whatever bytes they are, what comes of them is of the size that was asked for,
// or an error.
#include "base/codec/patch.h"
#include "tests/fuzz/fuzz.h"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  std::string from;
  for (int line = 0; line < 200; ++line)
    from += "a line of the base, number " + std::to_string(line) + "\n";
  for (const std::size_t length : {std::size_t{0}, std::size_t{100}, from.size() + 13}) {
    std::string to(length, '\0');
    fuzz::allow_errors([&] {
      apply_patch(as_bytes(from), as_bytes(fuzz::as_view(data, size)),
                  std::as_writable_bytes(std::span(to.data(), to.size())));
    });
  }
  return 0;
}
