#include "oci/artifact.h"

#include "base/error.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::oci {
namespace {

Error missing(std::string_view what) {
  return {ErrorKind::kNotFound, fmt::format("no '{}' was made", what)};
}

Descriptor described(const ArtifactLayer& layer) {
  return {layer.media_type, layer.digest, layer.content.size(), {}, layer.annotations};
}

ManifestPtr make_manifest(const ArtifactParts& parts) {
  std::vector<Descriptor> layers;
  for (const ArtifactLayer& layer : parts.layers) layers.push_back(described(layer));
  const Descriptor config{parts.config_type, Digest::of(parts.config), parts.config.size()};
  return Manifest::parse(encode_manifest(parts.media_type, config, layers, parts.order,
                                         {parts.artifact_type, parts.subject, parts.annotations,
                                          parts.leaves_type_out}),
                         parts.media_type);
}

}  // namespace

Artifact::Artifact(ArtifactParts parts)
    : parts_(std::move(parts)), manifest_(make_manifest(parts_)) {}

Contents Artifact::contents(const Repository& repository,
                            const std::vector<std::string>& tags) const {
  Contents contents{.images = {},
                    .manifests = {manifest_},
                    .configs = {{manifest_->config(), parts_.config, repository}},
                    .layers = {}};
  for (const std::string& tag : tags)
    contents.images.push_back({repository, manifest_->descriptor(), tag, {}, {}});
  for (const ArtifactLayer& layer : parts_.layers)
    contents.layers.push_back({described(layer), repository});
  std::sort(contents.layers.begin(), contents.layers.end(),
            [](const auto& a, const auto& b) { return a.blob.digest < b.blob.digest; });
  contents.layers.erase(
      std::unique(contents.layers.begin(), contents.layers.end(),
                  [](const auto& a, const auto& b) { return a.blob.digest == b.blob.digest; }),
      contents.layers.end());
  return contents;
}

std::optional<Descriptor> Artifact::resolve(std::string_view tag_or_digest, std::stop_token) {
  if (tag_or_digest != digest().str()) return std::nullopt;
  return manifest_->descriptor();
}

ManifestPtr Artifact::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  if (tag_or_digest != digest().str()) throw missing(tag_or_digest);
  return manifest_;
}

bool Artifact::has_blob(const Descriptor& blob, std::stop_token) {
  return blob.digest == manifest_->config().digest || find_layer(blob.digest) != nullptr;
}

std::unique_ptr<Source> Artifact::open_blob(const Descriptor& blob, std::uint64_t offset,
                                            std::stop_token) {
  if (blob.digest == manifest_->config().digest)
    return std::make_unique<StringSource>(parts_.config.substr(offset));
  const ArtifactLayer* layer = find_layer(blob.digest);
  if (layer == nullptr) throw missing(blob.digest.str());
  if (offset > 0) return layer->content.open(offset);
  return std::make_unique<VerifyingSource>(layer->content.open(), described(*layer));
}

const ArtifactLayer* Artifact::find_layer(const Digest& digest) const noexcept {
  const auto found =
      std::find_if(parts_.layers.begin(), parts_.layers.end(),
                   [&](const ArtifactLayer& layer) { return layer.digest == digest; });
  return found == parts_.layers.end() ? nullptr : &*found;
}

}  // namespace tote::oci
