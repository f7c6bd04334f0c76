// index.yaml of repositories of charts: whatever is found has a version, a URL, and a digest or
// none.
#include "chart/repository_index.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  for (const char* wanted : {"", "^1"})
    fuzz::allow_errors([&] {
      const chart::IndexEntry entry = chart::find_in_index(text, "index", "web", wanted);
      fuzz::require(!entry.version.empty() && !entry.urls.empty(), "an entry can be fetched");
      fuzz::require(entry.digest.empty() || entry.digest.size() == 64, "digests are whole");
    });
  return 0;
}
