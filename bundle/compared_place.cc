#include "bundle/compared_place.h"

#include "archive/oci_layout.h"
#include "archive/root_bundle.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/file_kind.h"
#include "bundle/place.h"
#include "copy/plan.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

namespace tote::bundle {
namespace {

TransferSource source_at(const RegistryPlace& place, registry::Client& client,
                         const Session& session) {
  if (!place.sub_path.empty())
    throw Error(ErrorKind::kUsage, "Images are compared whole, not a path inside them");
  const oci::Reference reference = place.reference();
  copy::ManifestCache cache(
      [&](const oci::Repository& name) -> oci::ImageReader& { return client.source(name); });
  const oci::ManifestPtr root =
      cache.manifest(reference.repository, reference.identifier(), session.stop);
  if (is_bundle(*root, reference.repository, cache, session.stop)) return FromBundle{reference};
  return FromImage{reference};
}

TransferSource source_of(const std::string& text, registry::Client& client,
                         const Session& session) {
  switch (file_kind(text)) {
    case FileKind::kInventory:
      throw Error(ErrorKind::kUsage, "An inventory names no images that could be compared");
    case FileKind::kLock:
      return read_any_lock(text);
    case FileKind::kPlace:
      break;
  }
  const Place place = parse_place(text);
  if (const auto* registry = std::get_if<RegistryPlace>(&place))
    return source_at(*registry, client, session);
  if (const auto* file = std::get_if<FilePlace>(&place)) return FromArchive{{file->path}};
  throw Error(ErrorKind::kUsage, "What comes from standard input can not be compared")
      .with_hint("write it to a file first");
}

std::string name_of(const oci::CarriedImage& image) {
  std::string name = image.known_as.substr(0, image.known_as.find('@'));
  if (!name.empty()) return name;
  if (image.repository.registry != archive::kNowhere) return image.repository.name();
  return image.tag.empty() ? "(without a name)" : image.tag;
}

void sort_images(std::vector<ComparedImage>& images) {
  const auto key = [](const ComparedImage& image) { return std::tie(image.name, image.digest); };
  std::sort(images.begin(), images.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  images.erase(std::unique(images.begin(), images.end(),
                           [&](const auto& a, const auto& b) { return key(a) == key(b); }),
               images.end());
}

}  // namespace

ComparedPlace::ComparedPlace(const std::string& place, bool reads_locked, registry::Client& client,
                             const Session& session) {
  while_doing([&] { return fmt::format("Reading '{}'", place); },
              [&] { open(place, reads_locked, client, session); });
}

void ComparedPlace::open(const std::string& place, bool reads_locked, registry::Client& client,
                         const Session& session) {
  from_ = source_of(place, client, session);
  const auto* lock = std::get_if<FromImagesLock>(&from_);
  if (lock != nullptr && !reads_locked)
    take(lock->lock);
  else
    read(client, session);
  sort_images(images_);
}

void ComparedPlace::read(registry::Client& client, const Session& session) {
  source_.emplace(from_, nullptr, client, session);
  if (source_->archive() != nullptr) return take(source_->archive()->contents());
  take(copy::plan_copy(source_->select(session).images, source_->cache(),
                       {.non_distributable = copy::NonDistributable::kInclude}, session.pool,
                       session.stop)
           .contents);
}

void ComparedPlace::take(const ImagesLock& lock) {
  for (const LockedImage& image : lock.images)
    images_.push_back(
        {image.reference.repository.name(), image.reference.repository, image.digest()});
}

void ComparedPlace::take(const oci::Contents& contents) {
  const oci::AttachedImages attached(contents);
  const auto roots = archive::root_bundles(contents);
  for (const oci::CarriedImage& image : contents.images) {
    ComparedImage compared{name_of(image), image.repository, image.target.digest};
    if (attached.contains(image))
      compared.name += " (attached)";
    else if (roots.size() == 1 && roots.front()->target.digest == image.target.digest) {
      root_ = std::move(compared);
      continue;
    }
    images_.push_back(std::move(compared));
  }
  if (images_.size() == 1 && !root_ && !std::holds_alternative<FromImagesLock>(from_)) {
    root_ = std::move(images_.front());
    images_.clear();
  }
  blobs_.emplace();
  for (const oci::ManifestPtr& manifest : contents.manifests)
    blobs_->emplace(manifest->digest(), manifest->bytes().size());
  for (const oci::CarriedConfig& config : contents.configs)
    blobs_->emplace(config.blob.digest, config.blob.size);
  for (const oci::CarriedLayer& layer : contents.layers)
    blobs_->emplace(layer.blob.digest, layer.blob.size);
}

}  // namespace tote::bundle
