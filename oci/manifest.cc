#include "oci/manifest.h"

#include "base/error.h"
#include "oci/media_types.h"

#include <fmt/format.h>

namespace tote::oci {
namespace {

std::string called(const Digest& digest) {
  return fmt::format("manifest {}", digest.str());
}

std::vector<Descriptor> parse_descriptors(const std::vector<Json>& items) {
  std::vector<Descriptor> descriptors;
  descriptors.reserve(items.size());
  for (const Json& item : items) descriptors.push_back(parse_descriptor(item));
  return descriptors;
}

// Manifests of 2017 and before may have no mediaType of their own.
std::string guess_media_type(const Json& json) {
  if (json.find("manifests")) return std::string(kOciIndex);
  if (json.find("layers") || json.find("config")) return std::string(kOciManifest);
  return {};
}

bool is_same_family(std::string_view a, std::string_view b) {
  return (is_image_manifest(a) && is_image_manifest(b)) || (is_index(a) && is_index(b));
}

void check_kind(std::string_view media_type, std::string_view own, const Digest& digest) {
  if (is_schema1(media_type))
    throw Error(ErrorKind::kParse,
                fmt::format("{}: Docker's schema 1 is not supported", called(digest)))
        .with_hint("push the image again with a current tool");
  if (!is_image_manifest(media_type) && !is_index(media_type))
    throw Error(ErrorKind::kParse,
                fmt::format("{}: unsupported media type '{}'", called(digest), media_type));
  const bool contradicts = (is_index(media_type) && is_image_manifest(own)) ||
                           (is_image_manifest(media_type) && is_index(own));
  if (contradicts)
    throw Error(ErrorKind::kParse, fmt::format("{}: sent as '{}' but calls itself '{}'",
                                               called(digest), media_type, own));
}

}  // namespace

Descriptor parse_descriptor(const Json& json) {
  Descriptor descriptor{json.string_or("mediaType", ""), Digest::parse(json.at("digest").string()),
                        json.at("size").number()};
  if (descriptor.size > kMaxBlobSize)
    throw Error(ErrorKind::kParse, fmt::format("'{}' claims to be {} bytes large",
                                               descriptor.digest.str(), descriptor.size));
  for (const Json& url : json.items_of("urls")) descriptor.urls.push_back(url.string());
  descriptor.annotations = json.string_map("annotations");
  return descriptor;
}

RawManifest make_raw_manifest(std::string bytes, std::string_view media_type,
                              HashAlgorithm algorithm) {
  const Digest digest = Digest::of(as_bytes(bytes), algorithm);
  const Json json = Json::parse(bytes, called(digest));
  const std::string own = json.string_or("mediaType", "");
  // "application/json" and the like say nothing.
  const bool telling =
      is_image_manifest(media_type) || is_index(media_type) || is_schema1(media_type);
  std::string type = telling ? std::string(media_type) : own;
  // The bytes stay what they are wherever they go, and registries compare.
  if (is_same_family(media_type, own)) type = own;
  if (type.empty()) type = guess_media_type(json);
  if (type.empty()) type = media_type;
  check_kind(type, own, digest);
  const std::uint64_t size = bytes.size();
  return {{std::move(type), digest, size}, std::move(bytes)};
}

void check_acceptable(const RawManifest& manifest) {
  const Descriptor& sent = manifest.descriptor;
  const std::string own =
      Json::parse(manifest.bytes, called(sent.digest)).string_or("mediaType", "");
  if (own.empty() || own == sent.media_type) return;
  throw Error(ErrorKind::kParse, fmt::format("{}: registries do not take what is sent as '{}' and "
                                             "calls itself '{}'",
                                             called(sent.digest), sent.media_type, own));
}

ImageManifest parse_image_manifest(const RawManifest& manifest) {
  const Json json = Json::parse(manifest.bytes, called(manifest.descriptor.digest));
  return {parse_descriptor(json.at("config")), parse_descriptors(json.items_of("layers"))};
}

ImageIndex parse_index(const RawManifest& manifest) {
  const Json json = Json::parse(manifest.bytes, called(manifest.descriptor.digest));
  return {parse_descriptors(json.items_of("manifests"))};
}

ImageConfig parse_image_config(std::string_view bytes, const Digest& digest) {
  const Json json = Json::parse(bytes, fmt::format("config {}", digest.str()));
  ImageConfig config;
  if (const auto inner = json.find("config")) config.labels = inner->string_map("Labels");
  if (const auto rootfs = json.find("rootfs"))
    for (const Json& id : rootfs->items_of("diff_ids")) config.diff_ids.push_back(id.string());
  return config;
}

}  // namespace tote::oci
