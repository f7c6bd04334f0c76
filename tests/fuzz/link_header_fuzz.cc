// Link fields of lists of tags.
#include "registry/link_header.h"
#include "tests/fuzz/fuzz.h"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  if (const auto links = registry::parse_links(text))
    for (const registry::Link& link : *links) {
      fuzz::require(!link.target.empty(), "a link has a target");
      fuzz::require(link.target.find('>') == std::string::npos, "which ends at its bracket");
    }
  fuzz::allow_errors([&] { registry::next_link({text}); });
  return 0;
}
