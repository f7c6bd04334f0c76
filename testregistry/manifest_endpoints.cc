#include "base/error.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "testregistry/endpoints.h"
#include "testregistry/errors.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

// The digest that a path names, by itself or by a tag; nullopt when there is none.
std::optional<oci::Digest> find_digest(const Call& call) {
  if (const auto digest = oci::Digest::try_parse(call.route.reference)) return digest;
  if (!is_tag_name(call.route.reference)) return std::nullopt;
  return call.storage.find_tag(call.route.repository, call.route.reference);
}

// Which of the things that the manifest names are not here; empty: none.
std::string find_missing(const Call& call, const oci::RawManifest& manifest) {
  const std::string& repository = call.route.repository;
  if (oci::is_index(manifest.descriptor.media_type)) {
    for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
      if (!call.storage.find_manifest(repository, child.digest)) return child.digest.str();
    return {};
  }
  const oci::ImageManifest image = oci::parse_image_manifest(manifest);
  if (!call.storage.find_blob(repository, image.config.digest)) return image.config.digest.str();
  for (const oci::Descriptor& layer : image.layers)
    if (!oci::is_non_distributable(layer.media_type) &&
        !call.storage.find_blob(repository, layer.digest))
      return layer.digest.str();
  return {};
}

class PutManifest final : public Exchange {
 public:
  explicit PutManifest(const Call& call)
      : storage_(call.storage),
        route_(call.route),
        media_type_(call.head.header("Content-Type").value_or("")) {}

  void on_body(ConstBytes data) override {
    if (bytes_.size() + data.size() > oci::kMaxManifestSize) too_large_ = true;
    if (!too_large_) bytes_ += as_text(data);
  }

  Response finish() override {
    if (too_large_) return error_response(413, "SIZE_INVALID", "The manifest is over 4 MiB");
    try {
      return store();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse) throw;
      return manifest_invalid(error.message());
    }
  }

 private:
  Response store() {
    const std::optional<oci::Digest> wanted = oci::Digest::try_parse(route_.reference);
    if (!wanted && !is_tag_name(route_.reference))
      return error_response(400, "TAG_INVALID", "Neither a tag nor a digest");
    const oci::RawManifest manifest = oci::make_raw_manifest(
        std::move(bytes_), media_type_, wanted ? wanted->algorithm() : HashAlgorithm::kSha256);
    const oci::Digest& digest = manifest.descriptor.digest;
    if (wanted && *wanted != digest) return digest_invalid("The manifest has another digest");
    const RequestHead no_head;
    if (const std::string missing = find_missing({storage_, no_head, route_}, manifest);
        !missing.empty())
      return error_response(404, "MANIFEST_BLOB_UNKNOWN",
                            fmt::format("blob unknown to registry: {}", missing));
    storage_.put_manifest(route_.repository, digest, manifest.descriptor.media_type,
                          manifest.bytes);
    if (!wanted) storage_.put_tag(route_.repository, route_.reference, digest);
    return {201,
            {{"Location", fmt::format("/v2/{}/manifests/{}", route_.repository, digest.str())},
             {"Docker-Content-Digest", digest.str()}}};
  }

  Storage& storage_;
  Route route_;
  std::string media_type_;
  std::string bytes_;
  bool too_large_ = false;
};

}  // namespace

Response get_manifest(const Call& call) {
  if (!call.storage.has_repository(call.route.repository)) return name_unknown();
  const std::optional<oci::Digest> digest = find_digest(call);
  if (!digest) return manifest_unknown();
  std::optional<StoredManifest> found = call.storage.find_manifest(call.route.repository, *digest);
  if (!found) return manifest_unknown();
  Response response{
      200, {{"Content-Type", found->media_type}, {"Docker-Content-Digest", digest->str()}}};
  std::visit([&](auto& range) { response.body = std::move(range); }, found->content);
  return response;
}

Begun put_manifest(const Call& call) {
  if (call.head.content_length.value_or(0) > oci::kMaxManifestSize)
    return error_response(413, "SIZE_INVALID", "The manifest is over 4 MiB");
  return std::make_unique<PutManifest>(call);
}

Response delete_manifest(const Call& call) {
  const std::string& reference = call.route.reference;
  if (const auto digest = oci::Digest::try_parse(reference))
    return call.storage.remove_manifest(call.route.repository, *digest) ? Response{202}
                                                                        : manifest_unknown();
  if (!is_tag_name(reference)) return manifest_unknown();
  return call.storage.remove_tag(call.route.repository, reference) ? Response{202}
                                                                   : manifest_unknown();
}

}  // namespace tote::testregistry
