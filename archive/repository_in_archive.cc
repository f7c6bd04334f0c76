#include "archive/repository_in_archive.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {

ImagesByName::ImagesByName(const oci::Contents& contents) {
  for (const oci::CarriedImage& image : contents.images) {
    by_digest_.emplace(image.target.digest, &image);
    if (!image.tag.empty())
      by_tag_.emplace(fmt::format("{}:{}", image.repository.name(), image.tag), &image);
  }
  for (const oci::ManifestPtr& manifest : contents.manifests)
    if (manifest->subject())
      referrers_[manifest->subject()->digest].push_back(manifest->descriptor());
}

const std::vector<oci::Descriptor>& ImagesByName::referrers(const oci::Digest& subject) const {
  static const std::vector<oci::Descriptor> kNone;
  const auto found = referrers_.find(subject);
  return found == referrers_.end() ? kNone : found->second;
}

bool ImagesByName::has(const oci::Repository& repository, const oci::Digest& digest) const {
  const auto [first, last] = by_digest_.equal_range(digest);
  return first == last || std::any_of(first, last, [&](const auto& found) {
           const oci::CarriedImage& image = *found.second;
           return image.repository == repository ||
                  image.known_as == oci::digest_reference(repository, digest);
         });
}

const oci::CarriedImage* ImagesByName::find(const oci::Repository& repository,
                                            std::string_view tag) const {
  const auto found = by_tag_.find(fmt::format("{}:{}", repository.name(), tag));
  return found == by_tag_.end() ? nullptr : found->second;
}

std::optional<oci::Descriptor> RepositoryInArchive::resolve(std::string_view tag_or_digest,
                                                            std::stop_token) {
  const oci::ManifestPtr found = find(tag_or_digest);
  if (found == nullptr) return std::nullopt;
  return found->descriptor();
}

oci::ManifestPtr RepositoryInArchive::fetch_manifest(std::string_view tag_or_digest,
                                                     std::stop_token) {
  oci::ManifestPtr found = find(tag_or_digest);
  if (found == nullptr)
    throw Error(ErrorKind::kNotFound, fmt::format("archive '{}' has no image '{}' of {}",
                                                  archive_.name(), tag_or_digest, name_.name()));
  return found;
}

bool RepositoryInArchive::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return archive_.has_blob(blob.digest);
}

std::unique_ptr<Source> RepositoryInArchive::open_blob(const oci::Descriptor& blob,
                                                       std::uint64_t offset, std::stop_token) {
  return archive_.open_blob(blob, offset);
}

std::vector<oci::Descriptor> RepositoryInArchive::find_referrers(const oci::Digest& subject,
                                                                 std::string_view,
                                                                 std::stop_token) {
  std::vector<oci::Descriptor> here;
  for (const oci::Descriptor& referrer : images_.referrers(subject))
    if (images_.has(name_, referrer.digest)) here.push_back(referrer);
  return here;
}

oci::ManifestPtr RepositoryInArchive::find(std::string_view tag_or_digest) const {
  const oci::Contents& contents = archive_.contents();
  if (const auto digest = oci::Digest::try_parse(tag_or_digest))
    return images_.has(name_, *digest) ? contents.find_manifest(*digest) : nullptr;
  const oci::CarriedImage* tagged = images_.find(name_, tag_or_digest);
  return tagged == nullptr ? nullptr : contents.find_manifest(tagged->target.digest);
}

}  // namespace tote::archive
