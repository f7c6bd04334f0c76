#include "archive/docker_save.h"

#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace tote::archive {
namespace {

// What the media type of a layer ends in; empty: it is not compressed.
std::string compression_of(const FilePlace& place) {
  std::array<std::byte, 4> first{};
  const std::size_t size = std::min<std::uint64_t>(place.size, first.size());
  place.bytes->read_at(MutableBytes(first).first(size), place.offset);
  if (as_text(first).starts_with("\x1f\x8b")) return "+gzip";
  return as_text(first) == "\x28\xb5\x2f\xfd" ? "+zstd" : "";
}

// The digest that the name of a config claims: "<hex>.json" (Docker), "sha256:<hex>" (crane),
// "blobs/sha256/<hex>". nullopt: it is just a name.
std::optional<oci::Digest> digest_in_name(std::string_view name) {
  name.remove_prefix(name.find_last_of("/:") + 1);
  if (name.ends_with(".json")) name.remove_suffix(std::string_view(".json").size());
  return oci::Digest::try_parse(fmt::format("sha256:{}", name));
}

// What is no tag in a repository names nothing: "<none>:<none>", an image's ID, a reference by
// digest, names that only Docker's daemon knows.
std::optional<oci::Reference> try_name(const Json& name) {
  if (!name.is_string() || oci::Digest::try_parse(name.string())) return std::nullopt;
  try {
    return oci::Reference::parse_tag(name.string());
  } catch (const Error&) {
    return std::nullopt;
  }
}

oci::ManifestPtr make_manifest(const oci::Descriptor& config,
                               const std::vector<oci::Descriptor>& layers) {
  return oci::Manifest::parse(
      oci::encode_manifest(oci::kOciManifest, config, layers, oci::DescriptorOrder::kDigestFirst),
      oci::kOciManifest);
}

class Decoder final : public oci::GraphReader {
 public:
  Decoder(const FileSet& files, const oci::Repository& nowhere)
      : files_(files), nowhere_(nowhere) {}

  DockerImages decode(const Json& list) {
    for (const Json& entry : list.items()) add(entry);
    oci::Contents contents = oci::follow_images(std::move(images_), *this, {}, {});
    return {std::move(contents), std::move(layers_)};
  }

 private:
  void add(const Json& entry) {
    const std::vector<oci::Reference> names = names_of(entry);
    std::string config_bytes = read_config(entry.at("Config").string());
    const oci::Descriptor config{std::string(oci::kOciConfig), oci::Digest::of(config_bytes),
                                 config_bytes.size()};
    const oci::ManifestPtr manifest =
        make_manifest(config, add_layers(entry, config_bytes, config.digest));
    if (names.empty()) images_.push_back({nowhere_, manifest->descriptor(), {}, {}, {}});
    for (const oci::Reference& name : names)
      images_.push_back({name.repository, manifest->descriptor(), name.tag, {}, {}});
    configs_.insert_or_assign(config.digest, std::move(config_bytes));
    manifests_.add(manifest);
  }

  oci::ManifestPtr manifest(const oci::Repository&, const oci::Descriptor& target,
                            const oci::Manifest*, const std::stop_token&) override {
    return manifests_.find(target.digest);
  }

  std::optional<std::string> config(const oci::Repository&, const oci::Manifest& image,
                                    const std::stop_token&) override {
    return configs_.at(image.config().digest);
  }

  static std::vector<oci::Reference> names_of(const Json& entry) {
    std::vector<oci::Reference> names;
    for (const Json& item : entry.items_of("RepoTags"))
      if (std::optional<oci::Reference> name = try_name(item)) names.push_back(*std::move(name));
    return names;
  }

  const FilePlace& at(const std::string& name) {
    const auto known = places_.find(name);
    if (known != places_.end()) return known->second;
    const auto place = files_.find(name);
    if (!place)
      throw Error(ErrorKind::kParse, fmt::format("it names '{}', which is not there", name));
    return places_.emplace(name, *place).first->second;
  }

  std::string read_config(const std::string& name) {
    std::string bytes = read_all(*at(name).open(), oci::kMaxManifestSize, name);
    if ((total_ += bytes.size()) > kMaxMetadata)
      throw Error(ErrorKind::kParse, fmt::format("configs are over {} bytes", kMaxMetadata));
    const auto claimed = digest_in_name(name);
    if (const auto digest = oci::Digest::of(bytes); claimed && *claimed != digest)
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("config '{}' has digest '{}'", name, digest.str()));
    return bytes;
  }

  std::vector<oci::Descriptor> add_layers(const Json& entry, const std::string& config,
                                          const oci::Digest& digest) {
    const std::vector<std::string> diff_ids = oci::parse_image_config(config, digest).diff_ids;
    const std::vector<Json> names = entry.items_of("Layers");
    if (names.size() != diff_ids.size())
      throw Error(ErrorKind::kParse, fmt::format("an image has {} layers, but its config says {}",
                                                 names.size(), diff_ids.size()));
    std::vector<oci::Descriptor> layers;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i].string();
      const oci::Descriptor layer = describe_layer(at(name), diff_ids[i]);
      layers_.insert_or_assign(layer.digest, at(name));
      layers.push_back(layer);
    }
    return layers;
  }

  oci::Descriptor describe_layer(const FilePlace& place, const std::string& diff_id) {
    const std::string compression = compression_of(place);
    if (compression.empty())
      return {std::string(oci::kOciLayer), oci::Digest::parse(diff_id), place.size};
    const auto known = hashed_.find({place.bytes.get(), place.offset});
    if (known != hashed_.end()) return known->second;
    const oci::Descriptor layer{std::string(oci::kOciLayer) + compression,
                                oci::digest_of(*place.open(), HashAlgorithm::kSha256), place.size};
    return hashed_.emplace(std::pair(place.bytes.get(), place.offset), layer).first->second;
  }

  const FileSet& files_;
  const oci::Repository& nowhere_;
  std::vector<oci::CarriedImage> images_;
  oci::ManifestList manifests_;
  std::map<oci::Digest, std::string> configs_;
  std::map<oci::Digest, FilePlace> layers_;
  std::uint64_t total_ = 0;
  std::map<std::string, FilePlace> places_;
  std::map<std::pair<const RandomReader*, std::uint64_t>, oci::Descriptor>
      hashed_;  // compressed ones
};

}  // namespace

bool is_docker_save(std::string_view manifest_json) {
  bool is_docker = false;
  while_doing([] { return kManifestJson; },
              [&] {
                Json::visit_items(manifest_json, "document", [&](const Json& first) {
                  is_docker = first.is_object() && first.find("Config");
                  return false;
                });
              });
  return is_docker;
}

DockerImages decode_docker_save(std::string_view manifest_json, const FileSet& files,
                                const oci::Repository& nowhere) {
  return while_doing(
      [] { return kManifestJson; },
      [&] { return Decoder(files, nowhere).decode(Json::parse(manifest_json, "document")); });
}

}  // namespace tote::archive
