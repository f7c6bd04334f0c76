// Hints and chart.yml: what is read of a chart.yml is written as something that is read as the
// same.
#include "bundle/discover/hints.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  using namespace tote::bundle::discover;
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] {
    Hints hints = Hints::parse(text, "hints");
    hinted_images(
        hints, [](const ValuePath& path) { return std::optional(path.back()); }, "v1");
    const std::size_t images = hints.images.size();
    hints.add(Hints(hints));
    fuzz::require(hints.images.size() >= images, "later hints take nothing away");
  });
  std::string once;
  fuzz::allow_errors([&] { once = ChartFile::parse(text, "chart.yml").encode(); });
  if (once.empty()) return 0;
  std::string again;
  try {
    again = ChartFile::parse(once, "again").encode();
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.what(), once.c_str());
    fuzz::require(false, "what was written can be read");
  }
  fuzz::require(again == once, "and is the same");
  return 0;
}
