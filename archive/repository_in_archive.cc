#include "archive/repository_in_archive.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {

std::optional<oci::Descriptor> RepositoryInArchive::resolve(std::string_view tag_or_digest,
                                                            std::stop_token) {
  const oci::RawManifest* found = find(tag_or_digest);
  if (found == nullptr) return std::nullopt;
  return found->descriptor;
}

oci::RawManifest RepositoryInArchive::fetch_manifest(std::string_view tag_or_digest,
                                                     std::stop_token) {
  const oci::RawManifest* found = find(tag_or_digest);
  if (found == nullptr)
    throw Error(ErrorKind::kNotFound,
                fmt::format("archive '{}' has no image '{}' of {}", archive_.path().string(),
                            tag_or_digest, name_.name()));
  return *found;
}

bool RepositoryInArchive::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  return archive_.has_blob(blob, std::move(stop));
}

std::unique_ptr<Source> RepositoryInArchive::open_blob(const oci::Descriptor& blob,
                                                       std::uint64_t offset, std::stop_token stop) {
  return archive_.open_blob(blob, offset, std::move(stop));
}

const oci::RawManifest* RepositoryInArchive::find(std::string_view tag_or_digest) const {
  const oci::Contents& contents = archive_.contents();
  if (const auto digest = oci::Digest::try_parse(tag_or_digest))
    return has(*digest) ? contents.find_manifest(*digest) : nullptr;
  const auto tagged = std::find_if(contents.images.begin(), contents.images.end(),
                                   [&](const oci::CarriedImage& image) {
                                     return image.repository == name_ && image.tag == tag_or_digest;
                                   });
  return tagged == contents.images.end() ? nullptr : contents.find_manifest(tagged->target.digest);
}

bool RepositoryInArchive::has(const oci::Digest& digest) const {
  bool is_elsewhere = false;
  for (const oci::CarriedImage& image : archive_.contents().images) {
    if (image.target.digest != digest) continue;
    if (image.repository == name_ || image.original_ref == oci::digest_reference(name_, digest))
      return true;
    is_elsewhere = true;
  }
  return !is_elsewhere;
}

}  // namespace tote::archive
