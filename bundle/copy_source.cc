#include "bundle/copy_source.h"

#include "archive/archive_set.h"
#include "base/error.h"
#include "bundle/cargo.h"
#include "bundle/shared_reads.h"
#include "oci/attached.h"

#include <set>
#include <utility>
#include <variant>

namespace tote::bundle {
namespace {

std::unique_ptr<const archive::Archive> open_archive(const TransferSource& source,
                                                     const Session& session) {
  const auto* from = std::get_if<FromArchive>(&source);
  return from == nullptr ? nullptr : archive::open_archives(from->paths, session.reading);
}

// An archive may claim anything, and of what others have put into a layout no lock speaks; nor does
// one of what is attached.
bool names_all_images(const std::string& lock, const oci::Contents& contents) {
  std::set<oci::Digest> named;
  try {
    for (const LockedImage& image : ImagesLock::parse(lock, "images lock").images)
      named.insert(image.digest());
  } catch (const Error&) {
    return false;
  }
  const oci::AttachedImages attached(contents);
  std::set<oci::Digest> carried;
  for (const oci::CarriedImage& image : contents.images)
    if (!attached.contains(image)) carried.insert(image.target.digest);
  return named == carried;
}

// What was made here, and behind it the repository of its name. No tag there is about what has only
// just been made.
class MadeRepository final : public oci::ImageReader {
 public:
  MadeRepository(oci::Artifact& made, oci::ImageReader& behind) : made_(made), behind_(behind) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override {
    return place_of(tag_or_digest).resolve(tag_or_digest, std::move(stop));
  }
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override {
    return place_of(tag_or_digest).fetch_manifest(tag_or_digest, std::move(stop));
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    return made_.has_blob(blob, stop) || behind_.has_blob(blob, stop);
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    if (made_.has_blob(blob, stop)) return made_.open_blob(blob, offset, stop);
    return behind_.open_blob(blob, offset, stop);
  }

 private:
  oci::ImageReader& place_of(std::string_view tag_or_digest) {
    const auto digest = oci::Digest::try_parse(tag_or_digest);
    if (!digest || *digest == made_.digest()) return made_;
    return behind_;
  }

  oci::Artifact& made_;
  oci::ImageReader& behind_;
};

std::unique_ptr<oci::ImageReader> open_made(const TransferSource& source,
                                            registry::Client& client) {
  const auto* from = std::get_if<FromMade>(&source);
  return from == nullptr ? nullptr
                         : std::make_unique<MadeRepository>(
                               *from->artifact, client.repository(from->name.repository));
}

}  // namespace

CopySource::CopySource(const TransferSource& source, oci::ImageReader* base,
                       registry::Client& client, const Session& session)
    : source_(source),
      archive_(open_archive(source, session)),
      made_(open_made(source, client)),
      cache_(
          [this, &client, reads = session.reads](const oci::Repository& name) -> oci::ImageReader& {
            if (origins_) return origins_->repository(name);
            const auto* made = std::get_if<FromMade>(&source_);
            if (made != nullptr && made->name.repository == name) return *made_;
            if (reads != nullptr) return reads->repository(name);
            return client.source(name);
          }) {
  if (!archive_) return;
  rebuilt_.emplace(*archive_, base, session.reading.temporary);
  origins_.emplace(*archive_, *rebuilt_, client);
  cache_.add(archive_->contents());
}

void CopySource::expect_base(const std::stop_token& stop) const {
  if (!rebuilt_) return;
  const std::set<oci::Digest> lacking = rebuilt_->lacking(stop);
  if (!lacking.empty()) throw_lacks_base(lacking);
}

std::string CopySource::images_lock(const oci::Contents& contents) const {
  if (const auto* from = std::get_if<FromImagesLock>(&source_)) return from->lock.encode();
  if (!archive_) return {};
  for (std::string& lock : archive_->images_locks())
    if (names_all_images(lock, contents)) return std::move(lock);
  return {};
}

Selection CopySource::select(const Session& session) {
  return select_images(source_, archive_.get(), cache_, session);
}

bool CopySource::may_mount(const oci::Descriptor& blob) const {
  const auto* made = std::get_if<FromMade>(&source_);
  if (made != nullptr && made->artifact->has_blob(blob, {})) return false;
  return !archive_ || (!archive_->has_blob(blob.digest) && !archive_->leaves_out(blob.digest));
}

}  // namespace tote::bundle
