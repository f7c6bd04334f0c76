#include "testregistry/storage/stored_images.h"

#include "base/error.h"
#include "oci/verify.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

Error missing(const char* what, std::string_view name) {
  return {ErrorKind::kNotFound, fmt::format("{} '{}' is not there", what, name)};
}

}  // namespace

std::optional<oci::Digest> StoredRepository::find_digest(std::string_view tag_or_digest) const {
  if (auto digest = oci::Digest::try_parse(tag_or_digest)) return digest;
  const std::string tag(tag_or_digest);
  return is_tag_name(tag) ? storage_.records.find_tag(name_, tag) : std::nullopt;
}

std::optional<oci::Descriptor> StoredRepository::resolve(std::string_view tag_or_digest,
                                                         std::stop_token) {
  const auto digest = find_digest(tag_or_digest);
  const auto stored = digest ? storage_.records.find_manifest(name_, *digest) : std::nullopt;
  if (!stored) return std::nullopt;
  return oci::Descriptor{stored->media_type, *digest, content_length(stored->content)};
}

oci::ManifestPtr StoredRepository::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  const auto digest = find_digest(tag_or_digest);
  const auto stored = digest ? storage_.records.find_manifest(name_, *digest) : std::nullopt;
  if (!stored) throw missing("manifest", tag_or_digest);
  return oci::Manifest::parse(
      read_all(*open_content(stored->content), oci::kMaxManifestSize, "content"),
      stored->media_type, digest->algorithm());
}

bool StoredRepository::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return storage_.blobs.find_blob(name_, blob.digest).has_value();
}

std::unique_ptr<Source> StoredRepository::open_blob(const oci::Descriptor& blob,
                                                    std::uint64_t offset, std::stop_token) {
  const auto content = storage_.blobs.find_blob(name_, blob.digest);
  if (!content) throw missing("blob", blob.digest.str());
  const std::uint64_t size = content_length(*content);
  if (size != blob.size) oci::throw_wrong_size(size, blob.size);
  if (offset > 0) return open_content(slice(*content, offset, size - offset));
  return std::make_unique<oci::VerifyingSource>(open_content(*content), blob);
}

}  // namespace tote::testregistry
