#include "bundle/expectation.h"

#include "archive/archive_set.h"
#include "base/error.h"

#include <variant>

namespace tote::bundle {

std::vector<ExpectedImage> images_of(const archive::Archive& archive) {
  std::vector<ExpectedImage> images;
  for (const oci::CarriedImage& image : archive.contents().images)
    images.push_back({image.repository, image.target.digest, image.tag});
  return images;
}

Expectation::Expectation(const TransferSource& source, registry::Client& client,
                         const Session& session)
    : cache_([this, &client](const oci::Repository& name) -> oci::ImageReader& {
        if (whole_) return *whole_;
        return client.repository(name);
      }) {
  std::visit([&](const auto& from) { take(from, session); }, source);
}

void Expectation::take(const FromArchive& from, const Session& session) {
  archive_ = archive::open_archives(from.paths, session.reading);
  whole_.emplace(*archive_);
  images_ = images_of(*archive_);
}

void Expectation::take(const FromImagesLock& from, const Session&) {
  for (const LockedImage& image : from.lock.images)
    images_.push_back({image.reference.repository, image.digest()});
}

void Expectation::take(const FromBundleLock& from, const Session&) {
  images_.push_back({from.lock.bundle.repository, *from.lock.bundle.digest, from.lock.tag});
}

template <class Other>
void Expectation::take(const Other&, const Session&) {
  throw Error(ErrorKind::kInternal, "a place is compared with a lock or an archive");
}

}  // namespace tote::bundle
