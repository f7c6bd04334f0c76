#include "archive/whole_archive.h"

#include "base/error.h"

namespace tote::archive {

oci::ManifestPtr WholeArchive::find(std::string_view digest) const {
  const auto wanted = oci::Digest::try_parse(digest);
  return wanted ? archive_.contents().find_manifest(*wanted) : nullptr;
}

std::optional<oci::Descriptor> WholeArchive::resolve(std::string_view digest, std::stop_token) {
  const oci::ManifestPtr manifest = find(digest);
  return manifest ? std::optional(manifest->descriptor()) : std::nullopt;
}

oci::ManifestPtr WholeArchive::fetch_manifest(std::string_view digest, std::stop_token) {
  if (oci::ManifestPtr manifest = find(digest)) return manifest;
  throw Error(ErrorKind::kNotFound, "it is not in the archive");
}

bool WholeArchive::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return archive_.has_blob(blob.digest);
}

std::unique_ptr<Source> WholeArchive::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                                std::stop_token) {
  return archive_.open_blob(blob, offset);
}

}  // namespace tote::archive
