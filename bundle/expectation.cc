#include "bundle/expectation.h"

#include "archive/archive_set.h"
#include "base/error.h"

#include <utility>
#include <variant>

namespace tote::bundle {

namespace {

// With the layers of which there are patches.
class ExpectedArchive final : public oci::ImageReader {
 public:
  ExpectedArchive(archive::WholeArchive& archive, const RebuiltLayers& rebuilt)
      : archive_(archive), rebuilt_(rebuilt) {}

  std::optional<oci::Descriptor> resolve(std::string_view digest, std::stop_token stop) override {
    return archive_.resolve(digest, std::move(stop));
  }
  oci::ManifestPtr fetch_manifest(std::string_view digest, std::stop_token stop) override {
    return archive_.fetch_manifest(digest, std::move(stop));
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    return rebuilt_.can_make(blob.digest, stop) || archive_.has_blob(blob, stop);
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    if (rebuilt_.has(blob.digest)) return rebuilt_.open(blob, offset, stop);
    return archive_.open_blob(blob, offset, std::move(stop));
  }

 private:
  archive::WholeArchive& archive_;
  const RebuiltLayers& rebuilt_;
};

}  // namespace

std::vector<ExpectedImage> images_of(const archive::Archive& archive) {
  std::vector<ExpectedImage> images;
  for (const oci::CarriedImage& image : archive.contents().images)
    images.push_back({image.repository, image.target.digest, image.tag});
  return images;
}

Expectation::Expectation(const TransferSource& source, oci::ImageReader* base,
                         registry::Client& client, const Session& session)
    : base_(base), cache_([this, &client](const oci::Repository& name) -> oci::ImageReader& {
        if (expected_) return *expected_;
        return client.source(name);
      }) {
  std::visit([&](const auto& from) { take(from, session); }, source);
}

void Expectation::take(const FromArchive& from, const Session& session) {
  archive_ = archive::open_archives(from.paths, session.reading);
  whole_.emplace(*archive_);
  rebuilt_.emplace(*archive_, base_, session.reading.temporary, RebuiltLayers::IfThere::kMake);
  expected_ = std::make_unique<ExpectedArchive>(*whole_, *rebuilt_);
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
