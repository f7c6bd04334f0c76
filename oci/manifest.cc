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

ManifestPtr Manifest::parse(std::string bytes, std::string_view media_type,
                            HashAlgorithm algorithm) {
  const Digest digest = Digest::of(as_bytes(bytes), algorithm);
  const Json json = Json::parse(bytes, called(digest));
  const std::string own = json.string_or("mediaType", "");
  // "application/json" and the like say nothing.
  const bool telling =
      is_image_manifest(media_type) || oci::is_index(media_type) || is_schema1(media_type);
  std::string type = telling ? std::string(media_type) : own;
  // The bytes stay what they are wherever they go, and registries compare.
  if (is_same_family(media_type, own)) type = own;
  if (type.empty()) type = guess_media_type(json);
  if (type.empty()) type = media_type;
  check_kind(type, own, digest);
  const std::uint64_t size = bytes.size();
  // make_shared() could not call the constructor.
  return ManifestPtr(new Manifest({std::move(type), digest, size}, std::move(bytes), json));
}

Manifest::Manifest(Descriptor descriptor, std::string bytes, const Json& json)
    : descriptor_(std::move(descriptor)),
      bytes_(std::move(bytes)),
      is_index_(oci::is_index(descriptor_.media_type)),
      artifact_type_(json.string_or("artifactType", "")),
      annotations_(json.string_map("annotations")),
      own_media_type_(json.string_or("mediaType", "")) {
  if (const auto subject = json.find("subject")) subject_ = parse_descriptor(*subject);
  if (is_index_) {
    read_children(json);
    return;
  }
  for (const Json& layer : json.items_of("layers")) blobs_.push_back(parse_descriptor(layer));
  if (const auto config = json.find("config")) {
    blobs_.push_back(parse_descriptor(*config));
    has_config_ = true;
  }
}

void Manifest::read_children(const Json& json) {
  for (const Json& item : json.items_of("manifests")) {
    Descriptor child = parse_descriptor(item);
    if (const auto platform = item.find("platform"))
      child.platform = std::make_shared<const Platform>(decode_platform(*platform));
    (may_be_manifest(child.media_type) ? children_ : blobs_).push_back(std::move(child));
  }
}

std::span<const Descriptor> Manifest::layers() const noexcept {
  if (is_index_) return {};
  return std::span(blobs_).first(blobs_.size() - (has_config_ ? 1 : 0));
}

const Descriptor& Manifest::config() const {
  if (has_config_) return blobs_.back();
  throw Error(ErrorKind::kParse, fmt::format("{}: $.config: missing", called(digest())));
}

Json Manifest::json() const {
  return Json::parse(bytes_, called(digest()));
}

void check_acceptable(const Manifest& manifest) {
  const std::string& own = manifest.own_media_type();
  if (own.empty() || own == manifest.media_type()) return;
  throw Error(ErrorKind::kParse,
              fmt::format("{}: registries do not take what is sent as '{}' and "
                          "calls itself '{}'",
                          called(manifest.digest()), manifest.media_type(), own));
}

bool is_readable_config(const Descriptor& config) noexcept {
  return config.size <= kMaxManifestSize;
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
