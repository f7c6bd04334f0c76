#include "archive/docker_save.h"

#include "archive/imgpkg_manifest.h"
#include "base/error.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

namespace tote::archive {
namespace {

bool is_gzip(const FilePlace& place) {
  std::array<std::byte, 2> first{};
  return place.size >= first.size() &&
         read_at(place.file->get(), first, place.offset) == first.size() &&
         as_text(first) == "\x1f\x8b";
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
    oci::Contents& contents = out_.contents;
    for (auto& [digest, config] : configs_) contents.configs.push_back(std::move(config));
    for (auto& [digest, layer] : layers_) contents.layers.push_back(std::move(layer));
    std::stable_sort(contents.images.begin(), contents.images.end(),
                     [](const auto& a, const auto& b) {
                       return std::tuple(a.reference(), a.tag) < std::tuple(b.reference(), b.tag);
                     });
    return std::move(out_);
  }

 private:
  void add(const Json& entry) {
    const std::vector<oci::Reference> names = names_of(entry);
    const oci::Repository& repository = names.empty() ? nowhere_ : names.front().repository;
    const oci::CarriedConfig config = read_config(entry.at("Config").string(), repository);
    const std::vector<oci::Descriptor> layers = add_layers(entry, config, repository);
    oci::RawManifest manifest = make_manifest(config.blob, layers);
    if (names.empty()) out_.contents.images.push_back({nowhere_, manifest.descriptor, {}, {}, {}});
    for (const oci::Reference& name : names)
      out_.contents.images.push_back({name.repository, manifest.descriptor, name.tag, {}, {}});
    configs_.try_emplace(config.blob.digest, config);
    out_.contents.manifests.add(std::move(manifest));
  }

  static std::vector<oci::Reference> names_of(const Json& entry) {
    std::vector<oci::Reference> names;
    for (const Json& name : entry.items_of("RepoTags"))
      names.push_back(oci::Reference::parse_tag(name.string()));
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
    if ((total_ += bytes.size()) > kMaxConfigs)
      throw Error(ErrorKind::kParse, fmt::format("configs are over {} bytes", kMaxConfigs));
    const oci::Digest digest = oci::Digest::of(bytes);
    return {{"application/vnd.oci.image.config.v1+json", digest, bytes.size()},
            std::move(bytes),
            repository};
  }

  std::vector<oci::Descriptor> add_layers(const Json& entry, const oci::CarriedConfig& config,
                                          const oci::Repository& repository) {
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
      out_.layers.insert_or_assign(layer.digest, at(name));
      layers_.try_emplace(layer.digest, oci::CarriedLayer{layer, repository});
      layers.push_back(layer);
    }
    return layers;
  }

  oci::Descriptor describe_layer(const FilePlace& place, const std::string& diff_id) {
    if (!is_gzip(place))
      return {"application/vnd.oci.image.layer.v1.tar", oci::Digest::parse(diff_id), place.size};
    const auto known = hashed_.find({place.file.get(), place.offset});
    if (known != hashed_.end()) return known->second;
    const oci::Descriptor layer{"application/vnd.oci.image.layer.v1.tar+gzip",
                                oci::digest_of(*place.open(), HashAlgorithm::kSha256), place.size};
    return hashed_.emplace(std::pair(place.file.get(), place.offset), layer).first->second;
  }

  static constexpr std::uint64_t kMaxConfigs = 128U << 20U;  // together

  const FileSet& files_;
  const oci::Repository& nowhere_;
  DockerImages out_;
  std::uint64_t total_ = 0;
  std::map<std::string, FilePlace> places_;
  std::map<std::pair<const UniqueFd*, std::uint64_t>, oci::Descriptor> hashed_;  // compressed ones
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
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
