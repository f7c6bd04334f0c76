#include "archive/docker_save.h"

#include "archive/contents_builder.h"
#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "base/error.h"
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
  read_at(place.file->get(), MutableBytes(first).first(size), place.offset);
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

std::string descriptor_json(const oci::Descriptor& blob) {
  return fmt::format(R"({{"mediaType":{},"digest":{},"size":{}}})", json_quote(blob.media_type),
                     json_quote(blob.digest.str()), blob.size);
}

oci::RawManifest make_manifest(const oci::Descriptor& config,
                               const std::vector<oci::Descriptor>& layers) {
  std::string list;
  for (const oci::Descriptor& layer : layers)
    list += (list.empty() ? "" : ",") + descriptor_json(layer);
  return oci::make_raw_manifest(
      fmt::format(R"({{"schemaVersion":2,"mediaType":{},"config":{},"layers":[{}]}})",
                  json_quote(oci::kOciManifest), descriptor_json(config), list),
      oci::kOciManifest);
}

class Decoder {
 public:
  Decoder(const FileSet& files, const oci::Repository& nowhere)
      : files_(files), nowhere_(nowhere) {}

  DockerImages decode(const Json& list) {
    for (const Json& entry : list.items()) add(entry);
    return {contents_.finish(), std::move(layers_)};
  }

 private:
  void add(const Json& entry) {
    const std::vector<oci::Reference> names = names_of(entry);
    const oci::Repository& repository = names.empty() ? nowhere_ : names.front().repository;
    const oci::CarriedConfig config = read_config(entry.at("Config").string(), repository);
    const std::vector<oci::Descriptor> layers = add_layers(entry, config);
    oci::RawManifest manifest = make_manifest(config.blob, layers);
    if (names.empty()) contents_.add_image({nowhere_, manifest.descriptor, {}, {}, {}});
    for (const oci::Reference& name : names)
      contents_.add_image({name.repository, manifest.descriptor, name.tag, {}, {}});
    contents_.add_config(config);
    contents_.add_layers({config.blob, layers}, repository);
    contents_.add_manifest(std::move(manifest));
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

  oci::CarriedConfig read_config(const std::string& name, const oci::Repository& repository) {
    std::string bytes = read_all(*at(name).open(), oci::kMaxManifestSize, name);
    if ((total_ += bytes.size()) > kMaxMetadata)
      throw Error(ErrorKind::kParse, fmt::format("configs are over {} bytes", kMaxMetadata));
    const oci::Digest digest = oci::Digest::of(bytes);
    if (const auto claimed = digest_in_name(name); claimed && *claimed != digest)
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("config '{}' has digest '{}'", name, digest.str()));
    return {{std::string(oci::kOciConfig), digest, bytes.size()}, std::move(bytes), repository};
  }

  std::vector<oci::Descriptor> add_layers(const Json& entry, const oci::CarriedConfig& config) {
    const std::vector<std::string> diff_ids =
        oci::parse_image_config(config.bytes, config.blob.digest).diff_ids;
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
    const auto known = hashed_.find({place.file.get(), place.offset});
    if (known != hashed_.end()) return known->second;
    const oci::Descriptor layer{std::string(oci::kOciLayer) + compression,
                                oci::digest_of(*place.open(), HashAlgorithm::kSha256), place.size};
    return hashed_.emplace(std::pair(place.file.get(), place.offset), layer).first->second;
  }

  const FileSet& files_;
  const oci::Repository& nowhere_;
  ContentsBuilder contents_;
  std::map<oci::Digest, FilePlace> layers_;
  std::uint64_t total_ = 0;
  std::map<std::string, FilePlace> places_;
  std::map<std::pair<const UniqueFd*, std::uint64_t>, oci::Descriptor> hashed_;  // compressed ones
};

}  // namespace

bool is_docker_save(const Json& manifest_json) {
  if (!manifest_json.is_array()) return false;
  const std::vector<Json> entries = manifest_json.items();
  return !entries.empty() && entries.front().is_object() && entries.front().find("Config");
}

DockerImages decode_docker_save(const Json& manifest_json, const FileSet& files,
                                const oci::Repository& nowhere) {
  return while_doing([] { return kManifestJson; },
                     [&] { return Decoder(files, nowhere).decode(manifest_json); });
}

}  // namespace tote::archive
