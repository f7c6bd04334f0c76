#include "archive/choose_image.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tote::archive {
namespace {

constexpr std::size_t kListed = 10;

bool is_called(const oci::CarriedImage& image, const oci::Reference& reference) {
  if (image.known_as == reference.name()) return true;
  if (image.repository != reference.repository) return false;
  return reference.digest ? image.target.digest == *reference.digest : image.tag == reference.tag;
}

std::string list_of(const std::vector<oci::CarriedImage>& images) {
  std::string text;
  for (std::size_t i = 0; i < std::min(images.size(), kListed); ++i) {
    const oci::CarriedImage& image = images[i];
    text +=
        fmt::format("{}{}", text.empty() ? "" : ", ",
                    image.tag.empty() ? image.reference()
                                      : fmt::format("{}:{}", image.repository.name(), image.tag));
  }
  return text + (images.size() > kListed ? ", ..." : "");
}

std::string hint_for(const ArchiveReader& archive) {
  if (archive.contents().images.empty()) return {};
  return "name one of these with -b or -i: " + list_of(archive.contents().images);
}

// But for what is attached to it; null: there are others.
const oci::CarriedImage* only_image(const oci::Contents& contents) {
  const oci::AttachedImages attached(contents);
  const oci::CarriedImage* only = nullptr;
  for (const oci::CarriedImage& image : contents.images) {
    if (contents.images.size() > 1 && attached.contains(image)) continue;
    if (only != nullptr) return nullptr;
    only = &image;
  }
  return only;
}

const oci::CarriedImage& choose_only(const ArchiveReader& archive) {
  const oci::Contents& contents = archive.contents();
  const std::vector<const oci::CarriedImage*> roots = root_bundles(contents);
  if (roots.size() == 1) return *roots.front();
  if (const oci::CarriedImage* only = roots.empty() ? only_image(contents) : nullptr) return *only;
  throw Error(ErrorKind::kUsage, fmt::format("archive '{}' holds {} images and does not say which "
                                             "was asked for",
                                             archive.path().string(), contents.images.size()))
      .with_hint(hint_for(archive));
}

// Null: there is none. Error{kUsage} if there are several.
const oci::CarriedImage* find_one(const ArchiveReader& archive, const std::string& name,
                                  const std::function<bool(const oci::CarriedImage&)>& is_wanted) {
  const oci::CarriedImage* found = nullptr;
  for (const oci::CarriedImage& image : archive.contents().images) {
    if (!is_wanted(image)) continue;
    if (found != nullptr && found->target.digest != image.target.digest)
      throw Error(ErrorKind::kUsage, fmt::format("archive '{}' has several images '{}'",
                                                 archive.path().string(), name))
          .with_hint(
              fmt::format("name one by its digest: {}, {}", found->reference(), image.reference()));
    if (found == nullptr) found = &image;
  }
  return found;
}

}  // namespace

const oci::CarriedImage& choose_image(const ArchiveReader& archive, const std::string& reference) {
  if (reference.empty()) return choose_only(archive);
  const oci::Reference wanted = oci::Reference::parse(reference);
  const oci::CarriedImage* found =
      find_one(archive, wanted.name(),
               [&](const oci::CarriedImage& image) { return is_called(image, wanted); });
  if (found == nullptr && oci::is_tag(reference))
    found = find_one(archive, reference,
                     [&](const oci::CarriedImage& image) { return image.tag == reference; });
  if (found == nullptr)
    throw Error(ErrorKind::kNotFound, fmt::format("archive '{}' has no image '{}'",
                                                  archive.path().string(), wanted.name()))
        .with_hint(hint_for(archive));
  return *found;
}

}  // namespace tote::archive
