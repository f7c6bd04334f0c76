#include "bundle/built_image.h"

#include "base/error.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

std::string encode_labels(const std::map<std::string, std::string>& labels) {
  return labels.empty() ? "{}" : fmt::format(R"({{"Labels":{}}})", json_object(labels));
}

std::string encode_config(const oci::Digest& diff_id,
                          const std::map<std::string, std::string>& labels) {
  return fmt::format(
      R"({{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{{"author":"imgpkg",)"
      R"("created":"0001-01-01T00:00:00Z","created_by":"imgpkg"}}],"os":"",)"
      R"("rootfs":{{"type":"layers","diff_ids":["{}"]}},"config":{}}})",
      diff_id.str(), encode_labels(labels));
}

std::string encode_descriptor(const oci::Descriptor& descriptor) {
  return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}"}})", descriptor.media_type,
                     descriptor.size, descriptor.digest.str());
}

std::string encode_manifest(const oci::Descriptor& config, const oci::Descriptor& layer) {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})",
                     oci::kDockerManifest, encode_descriptor(config), encode_descriptor(layer));
}

}  // namespace

BuiltImage::BuiltImage(PackedLayer layer, const std::map<std::string, std::string>& labels)
    : layer_(std::move(layer.content)),
      layer_descriptor_{std::string(oci::kDockerLayer), layer.digest, layer_.size()},
      config_(encode_config(layer.diff_id, labels)),
      config_descriptor_{std::string(oci::kDockerConfig), oci::Digest::of(config_), config_.size()},
      manifest_(oci::make_raw_manifest(encode_manifest(config_descriptor_, layer_descriptor_),
                                       oci::kDockerManifest)) {}

oci::Contents BuiltImage::contents(const oci::Repository& repository,
                                   const std::string& tag) const {
  return {.images = {{repository, manifest_.descriptor, tag, {}, {}}},
          .manifests = {manifest_},
          .configs = {{config_descriptor_, config_, repository}},
          .layers = {{layer_descriptor_, repository}}};
}

std::optional<oci::Descriptor> BuiltImage::resolve(std::string_view tag_or_digest,
                                                   std::stop_token) {
  if (tag_or_digest != digest().str()) return std::nullopt;
  return manifest_.descriptor;
}

oci::RawManifest BuiltImage::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  if (tag_or_digest != digest().str())
    throw Error(ErrorKind::kNotFound, fmt::format("no image '{}' was built", tag_or_digest));
  return manifest_;
}

bool BuiltImage::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return blob.digest == layer_descriptor_.digest || blob.digest == config_descriptor_.digest;
}

std::unique_ptr<Source> BuiltImage::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                              std::stop_token) {
  if (blob.digest == config_descriptor_.digest)
    return std::make_unique<StringSource>(config_.substr(offset));
  if (offset > 0) return layer_.open(offset);
  return std::make_unique<oci::VerifyingSource>(layer_.open(), layer_descriptor_);
}

}  // namespace tote::bundle
