// Locks and relocation records: what is accepted comes back the same.
#include "bundle/bundle_lock.h"
#include "bundle/image_names.h"
#include "bundle/images_lock.h"
#include "bundle/locations.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] {
    const bundle::ImagesLock lock = bundle::ImagesLock::parse(text, "lock");
    const bundle::ImagesLock again = bundle::ImagesLock::parse(lock.encode(), "again");
    fuzz::require(lock.images.size() == again.images.size(), "no image is lost");
    for (std::size_t i = 0; i < lock.images.size(); ++i) {
      fuzz::require(lock.images[i].reference.name() == again.images[i].reference.name(),
                    "references come back");
      fuzz::require(lock.images[i].annotations == again.images[i].annotations,
                    "annotations come back");
    }
  });
  fuzz::allow_errors([&] {
    const bundle::BundleLock lock = bundle::BundleLock::parse(text, "lock");
    fuzz::require(bundle::BundleLock::parse(lock.encode(), "again").tag == lock.tag,
                  "the tag comes back");
  });
  fuzz::allow_errors([&] { bundle::Locations::parse(text, "locations"); });
  fuzz::allow_errors([&] {
    const std::string text_of_names = bundle::ImageNames::parse(text, "names").encode();
    fuzz::require(bundle::ImageNames::parse(text_of_names, "again").encode() == text_of_names,
                  "names come back");
  });
  return 0;
}
