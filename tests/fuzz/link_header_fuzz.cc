// Link fields of lists of tags.
#include "tests/fuzz/fuzz.h"
#include "transport/link_header.h"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  if (const auto links = transport::parse_links(text))
    for (const transport::Link& link : *links) {
      fuzz::require(!link.target.empty(), "a link has a target");
      fuzz::require(link.target.find('>') == std::string::npos, "which ends at its bracket");
    }
  fuzz::allow_errors([&] { transport::next_link({text}); });
  return 0;
}
