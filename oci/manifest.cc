#include "oci/manifest.h"

#include "base/error.h"
#include "base/text.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string to_utf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    text += length == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
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

// Old tools wrote authors and labels in other encodings: as in Go, what is no UTF-8 becomes U+FFFD.
Json parse_config_json(std::string_view bytes, const Digest& digest) {
  const std::string what = fmt::format("config {}", digest.str());
  return is_utf8(bytes) ? Json::parse(bytes, what) : Json::parse(to_utf8(bytes), what);
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

std::string encode_descriptor(const Descriptor& descriptor, std::string_view more) {
  return fmt::format(R"({{"mediaType":{},"size":{},"digest":"{}"{}{}}})",
                     json_quote(descriptor.media_type), descriptor.size, descriptor.digest.str(),
                     more.empty() ? "" : ",", more);
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
  ImageIndex index;
  for (Descriptor& child : parse_descriptors(json.items_of("manifests")))
    (may_be_manifest(child.media_type) ? index.manifests : index.blobs).push_back(std::move(child));
  return index;
}

std::vector<Descriptor> blobs_of(const RawManifest& manifest) {
  if (is_index(manifest.descriptor.media_type)) return parse_index(manifest).blobs;
  ImageManifest image = parse_image_manifest(manifest);
  image.layers.push_back(std::move(image.config));
  return std::move(image.layers);
}

ImageConfig parse_image_config(std::string_view bytes, const Digest& digest) {
  const Json json = parse_config_json(bytes, digest);
  ImageConfig config;
  if (const auto inner = json.find("config")) config.labels = inner->string_map("Labels");
  if (const auto rootfs = json.find("rootfs"))
    for (const Json& id : rootfs->items_of("diff_ids")) config.diff_ids.push_back(id.string());
  return config;
}

Platform parse_config_platform(std::string_view bytes, const Digest& digest) {
  return read_platform(parse_config_json(bytes, digest));
}

}  // namespace tote::oci
