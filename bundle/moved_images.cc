#include "bundle/moved_images.h"

#include "base/error.h"
#include "bundle/image_tags.h"
#include "bundle/lock_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tote::bundle {
namespace {

using discover::ImageName;

constexpr std::string_view kDockerHub = "index.docker.io";

std::string id_of(const LockedImage& image) {
  const auto id = image.annotations.find(std::string(kOriginalNameAnnotation));
  if (id != image.annotations.end() && ImageName::parse(id->second)) return id->second;
  return image_name(image.reference).str();
}

MovedImages moved(const ImagesLock& lock,
                  const std::function<ImageName(const LockedImage&, const std::string&)>& place) {
  std::vector<MovedImage> images;
  for (const LockedImage& locked : lock.images) {
    MovedImage image{id_of(locked), locked};
    image.to = place(locked, image.id);
    image.to.digest = locked.digest().str();
    images.push_back(std::move(image));
  }
  return MovedImages(std::move(images));
}

ImageName name_among(const ImageNames& names, const LockedImage& locked, const std::string& id) {
  // An image that the lock has under two names has two here.
  const std::string original = original_name(locked).name();
  for (const ImageNamed& named : names.images)
    if (named.image == locked.reference.name() && named.original == original)
      return image_name(oci::Reference::parse_tag(named.name));
  throw Error(ErrorKind::kNotFound,
              fmt::format("The record of the copy does not say where image '{}' is", id))
      .with_hint("say so with --to-prefix or --to-template, as the copy was told");
}

void look_for(MovedImage& image, registry::Client& client, const std::stop_token& stop) {
  const oci::Repository repository = repository_of(image.to);
  registry::RemoteRepository& remote = client.repository(repository);
  const std::string& digest = image.to.digest;
  if (!image.to.tag.empty())
    if (const auto there = remote.resolve(image.to.tag, stop)) {
      if (there->digest.str() == digest) return;
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("tag '{}' of '{}' leads to {}, and the lock says {}", image.to.tag,
                              repository.name(), there->digest.str(), digest));
    }
  if (!remote.resolve(digest, stop))
    throw Error(ErrorKind::kNotFound,
                fmt::format("'{}' does not have {}", repository.name(), digest))
        .with_hint("copy the bundle there first, or say where its images are with --to-prefix");
  image.to.tag.clear();
}

}  // namespace

ImageName image_name(const oci::Reference& reference) {
  const std::string& registry = reference.repository.registry;
  return {.registry = registry == kDockerHub ? "docker.io" : registry,
          .repository = reference.repository.path,
          .tag = reference.tag,
          .digest = reference.digest ? reference.digest->str() : ""};
}

const MovedImage* MovedImages::find(const ImageName& name) const {
  const auto same = [&](bool with_tag, bool with_digest) {
    return std::find_if(images_.begin(), images_.end(), [&](const MovedImage& image) {
      const ImageName id = ImageName::parse(image.id).value();
      return id.repository_name() == name.repository_name() &&
             (!with_tag || id.tag_or_latest() == name.tag_or_latest()) &&
             (!with_digest || image.locked.digest().str() == name.digest);
    });
  };
  // What is named by a digest is that one, whatever its tag.
  auto found = same(true, !name.digest.empty());
  if (found == images_.end() && !name.digest.empty()) found = same(false, true);
  return found == images_.end() ? nullptr : &*found;
}

std::optional<ImageName> MovedImages::place_of(const std::string& id) const {
  for (const MovedImage& image : images_)
    if (image.id == id) return image.to;
  const std::optional<ImageName> name = ImageName::parse(id);
  const MovedImage* found = name ? find(*name) : nullptr;
  return found == nullptr ? std::nullopt : std::optional(found->to);
}

MovedImages moved_by(const RelocatedName& rule, const ImagesLock& lock) {
  return moved(lock, [&](const LockedImage& locked, const std::string&) {
    return image_name(rule.of(original_name(locked), locked.digest()));
  });
}

MovedImages moved_beside(const oci::Repository& bundle, const ImagesLock& lock) {
  return moved(lock, [&](const LockedImage& locked, const std::string&) {
    return image_name({bundle, default_tag(locked.digest()), {}});
  });
}

MovedImages moved_as_locked(const ImagesLock& lock) {
  return moved(lock, [&](const LockedImage& locked, const std::string&) {
    return image_name({locked.reference.repository, default_tag(locked.digest()), {}});
  });
}

MovedImages moved_as_written(const ImageNames& names, const ImagesLock& lock) {
  return moved(lock, [&](const LockedImage& locked, const std::string& id) {
    return name_among(names, locked, id);
  });
}

MovedImages seen(const MovedImages& images, registry::Client& client, const Session& session) {
  std::vector<MovedImage> all = images.all();
  for_each_index(all.size(), all.size() + 1, session.pool, session.stop,
                 [&](std::size_t i, const std::stop_token& stop) {
                   while_doing([&] { return fmt::format("Looking for image '{}'", all[i].id); },
                               [&] { look_for(all[i], client, stop); });
                 });
  return MovedImages(std::move(all));
}

}  // namespace tote::bundle
