#include "bundle/copy_source.h"

#include "archive/archive_set.h"
#include "base/error.h"
#include "bundle/cargo.h"
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

}  // namespace

CopySource::CopySource(const TransferSource& source, oci::ImageReader* base,
                       registry::Client& client, const Session& session)
    : source_(source),
      archive_(open_archive(source, session)),
      cache_([this, &client](const oci::Repository& name) -> oci::ImageReader& {
        if (origins_) return origins_->repository(name);
        return client.repository(name);
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
  return !archive_ || (!archive_->has_blob(blob.digest) && !archive_->leaves_out(blob.digest));
}

}  // namespace tote::bundle
