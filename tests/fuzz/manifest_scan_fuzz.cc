// Kubernetes manifests of any kind: what is found stands where it is said to, and with other names
// in its place the text is read as the same tree, with the same images but for their names.
#include "bundle/discover/rewrite.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;
using namespace tote::bundle::discover;

void check_spots(const SeenImage& image) {
  fuzz::require(!image.spots.empty(), "an image stands somewhere");
  for (const ImageSpot& spot : image.spots)
    fuzz::require(spot.offset + spot.length <= spot.scalar.text().size(),
                  "what names it is inside of its scalar");
}

ImageName moved(const ImageName& name) {
  return {"fuzz.invalid", "x/" + name.repository, name.tag, name.digest};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] {
    const ManifestScan scan = scan_manifests(text, "text");
    for (const SeenImage& image : scan.images) check_spots(image);
    Rewritten result;
    try {
      result = rewrite_manifests(text, "text", scan, [](const FoundImage& image) {
        return std::optional(moved(image.candidates.front()));
      });
    } catch (const Error& error) {
      fuzz::require(error.kind() != ErrorKind::kInternal, "nothing but references changes");
      throw;
    }
    fuzz::require(scan.images.empty() || result.changed > 0, "images are moved");
    scan_manifests(result.text, "result");
  });
  return 0;
}
