// References and digests: what is accepted is a fixed point.
#include "oci/reference.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] {
    const std::string name = oci::Reference::parse(text).name();
    fuzz::require(oci::Reference::parse(name).name() == name, "names are normal");
    fuzz::require(name.find("..") == std::string::npos || name.find("/../") == std::string::npos,
                  "no path leads up");
  });
  if (const auto digest = oci::Digest::try_parse(text))
    fuzz::require(digest->str() == text, "digests are unique");
  return 0;
}
