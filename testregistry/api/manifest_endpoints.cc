#include "base/error.h"
#include "base/text.h"
#include "oci/media_types.h"
#include "testregistry/api/endpoints.h"
#include "testregistry/api/errors.h"
#include "testregistry/http/error_response.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/manifest_facts.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

constexpr std::size_t kMaxTags = 100;  // in one request; the specification wants 10

// The digest that a path names, by itself or by a tag; nullopt when there is none.
std::optional<oci::Digest> find_digest(const Call& call) {
  if (const auto digest = oci::Digest::try_parse(call.route.reference)) return digest;
  if (!is_tag_name(call.route.reference)) return std::nullopt;
  return call.storage.records.find_tag(call.route.repository, call.route.reference);
}

Response manifest_too_large(std::uint64_t limit) {
  return error_response(413, "SIZE_INVALID",
                        fmt::format("The manifest is over the limit of {} bytes", limit));
}

// "application/json; charset=utf-8" without its parameters, which the specification ignores.
std::string_view without_parameters(std::string_view media_type) {
  return trim(media_type.substr(0, media_type.find(';')));
}

void check_media_type(const oci::Manifest& manifest, std::string_view sent) {
  const Json json = manifest.json();
  const std::string& own = manifest.own_media_type();
  if (!own.empty() && !sent.empty() && own != sent)
    throw Error(ErrorKind::kParse,
                fmt::format("sent as '{}' but its mediaType is '{}'", sent, own));
  // One digest may not have two meanings (CVE-2021-41190).
  if (json.find("manifests") && (json.find("config") || json.find("layers")))
    throw Error(ErrorKind::kParse, "it is both an index and an image");
  if (const auto version = json.find("schemaVersion"); version && version->number() != 2)
    throw Error(ErrorKind::kParse, "its schemaVersion is not 2");
}

class PutManifest final : public Exchange {
 public:
  PutManifest(const Call& call, std::optional<oci::Digest> wanted, std::vector<std::string> tags)
      : storage_(*call.writable),
        options_(call.options),
        repository_(call.route.repository),
        media_type_(without_parameters(call.head.header("Content-Type").value_or(""))),
        wanted_(wanted),
        tags_(std::move(tags)) {}

  void on_body(ConstBytes data) override {
    if (bytes_.size() + data.size() > options_.max_manifest_size) too_large_ = true;
    if (!too_large_) bytes_ += as_text(data);
  }

  bool is_decided() const override { return too_large_; }

  Response finish() override {
    if (too_large_) return manifest_too_large(options_.max_manifest_size);
    try {
      return store();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse) throw;
      return manifest_invalid(error.message());
    }
  }

 private:
  Response store() {
    const oci::Digest digest =
        oci::Digest::of(as_bytes(bytes_), wanted_ ? wanted_->algorithm() : HashAlgorithm::kSha256);
    if (wanted_ && *wanted_ != digest) return digest_invalid("The manifest has another digest");
    if (options_.quotas && !storage_.records.find_manifest(repository_, digest))
      if (const auto why = options_.quotas->refusal(repository_, bytes_.size()))
        return denied(*why);
    const oci::ManifestPtr sent =
        oci::Manifest::parse(std::move(bytes_), media_type_, digest.algorithm());
    check_media_type(*sent, media_type_);
    if (!sent->is_index() && sent->blobs().empty()) return manifest_invalid("It has no config");
    NewManifest manifest = make_new_manifest(*sent, std::move(tags_));
    if (const std::string missing = find_missing(*sent, manifest.needed); !missing.empty())
      return missing_reference(missing);
    if (!storage_.records.put_manifest(repository_, manifest))
      return missing_reference("of its contents");
    return stored(manifest);
  }

  // The first thing that should be here and is not; empty: none. `present` gets those that are.
  std::string find_missing(const oci::Manifest& manifest, std::vector<oci::Digest>& present) {
    std::string missing;
    const auto check = [&](const oci::Descriptor& named, std::optional<std::uint64_t> size,
                           bool is_exempt) {
      if (size && *size != named.size)
        throw Error(ErrorKind::kParse,
                    fmt::format("'{}' is {} bytes, not {}", named.digest.str(), *size, named.size));
      if (size)
        present.push_back(named.digest);
      else if (!is_exempt && !options_.allow_sparse && missing.empty())
        missing = named.digest.str();
    };
    // Build caches name layers in an index: a child may be any blob.
    const auto check_child = [&](const oci::Descriptor& child) {
      const auto size = size_of_manifest(child.digest);
      check(child, size ? size : size_of_blob(child.digest), false);
    };
    for (const oci::Descriptor& child : manifest.children()) check_child(child);
    for (const oci::Descriptor& blob : manifest.blobs()) {
      if (manifest.is_index())
        check_child(blob);
      else
        check(blob, size_of_blob(blob.digest), oci::is_non_distributable(blob.media_type));
    }
    return missing;
  }

  std::optional<std::uint64_t> size_of_blob(const oci::Digest& digest) {
    return storage_.blobs.blob_size(repository_, digest);
  }

  std::optional<std::uint64_t> size_of_manifest(const oci::Digest& digest) {
    const auto found = storage_.records.find_manifest(repository_, digest);
    if (!found) return std::nullopt;
    return content_length(found->content);
  }

  static Response missing_reference(std::string_view what) {
    return error_response(404, "MANIFEST_BLOB_UNKNOWN",
                          fmt::format("blob unknown to registry: {}", what));
  }

  Response stored(const NewManifest& manifest) const {
    const std::string digest = manifest.digest.str();
    Response response{201,
                      {{"Location", fmt::format("/v2/{}/manifests/{}", repository_, digest)},
                       {"Docker-Content-Digest", digest}}};
    if (manifest.subject) response.headers.emplace_back("OCI-Subject", manifest.subject->str());
    if (wanted_)
      for (const std::string& tag : manifest.tags) response.headers.emplace_back("OCI-Tag", tag);
    return response;
  }

  const StorageWriter storage_;
  const RegistryOptions& options_;
  std::string repository_;
  std::string media_type_;
  std::optional<oci::Digest> wanted_;  // nullopt: pushed by tag
  std::vector<std::string> tags_;
  std::string bytes_;
  bool too_large_ = false;
};

}  // namespace

Response get_manifest(const Call& call) {
  const std::optional<oci::Digest> digest = find_digest(call);
  std::optional<StoredManifest> found;
  if (digest)
    found = call.storage.records.find_manifest(call.route.repository, *digest,
                                               use_of(call.head, call.writable));
  if (!found)
    return call.storage.records.has_repository(call.route.repository) ? manifest_unknown()
                                                                      : name_unknown();
  Response response{
      200,
      {{"Content-Type", std::move(found->media_type)}, {"Docker-Content-Digest", digest->str()}}};
  response.body = make_body(std::move(found->content));
  return response;
}

Begun put_manifest(const Call& call) {
  const std::uint64_t limit = call.options.max_manifest_size;
  if (call.head.content_length.value_or(0) > limit) return manifest_too_large(limit);
  const std::string& reference = call.route.reference;
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(reference);
  if (!digest && !is_tag_name(reference))
    return reference.find(':') == std::string::npos ? manifest_invalid("Invalid tag")
                                                    : digest_invalid("Invalid digest");
  std::vector<std::string> tags;
  if (!digest) {
    tags.push_back(reference);
  } else {
    for (const auto& [name, value] : call.head.query) {
      if (name != "tag") continue;
      if (!is_tag_name(value)) return manifest_invalid("Invalid tag");
      tags.push_back(value);
    }
  }
  if (tags.size() > kMaxTags)
    return error_response(414, "UNSUPPORTED",
                          fmt::format("More than {} tags in one request", kMaxTags));
  return std::make_unique<PutManifest>(call, digest, std::move(tags));
}

Response delete_manifest(const Call& call) {
  const auto& [endpoint, repository, reference] = call.route;
  if (!call.options.allow_delete) return unsupported("GET, HEAD, PUT");
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(reference);
  const bool removed =
      digest ? call.writable->records.remove_manifest(repository, *digest)
             : is_tag_name(reference) && call.writable->records.remove_tag(repository, reference);
  if (removed) return {202};
  return call.storage.records.has_repository(repository) ? manifest_unknown() : name_unknown();
}

}  // namespace tote::testregistry
