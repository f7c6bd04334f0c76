#include "archive/imgpkg_manifest.h"

#include "base/error.h"
#include "base/json.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tote::archive {
namespace {

constexpr int kMaxNesting = 16;  // of indexes in indexes

// ---- writing -----------------------------------------------------------------------------------

template <class List, class Encode>
std::string json_list(const List& list, Encode encode) {
  if (list.empty()) return "null";
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "[" : ",") + encode(item);
  return out + "]";
}

// `"Tag":...,"OrigRef":...,"Labels":...`, which every image and index has.
std::string shared_fields(const oci::CarriedImage& image) {
  std::string labels;
  for (const auto& [key, value] : image.labels)
    labels +=
        fmt::format("{}{}:{}", labels.empty() ? "{" : ",", json_quote(key), json_quote(value));
  return fmt::format(R"("Tag":{},"OrigRef":{},"Labels":{})", json_quote(image.tag),
                     json_quote(image.original_ref), labels.empty() ? "null" : labels + "}");
}

class Encoder {
 public:
  explicit Encoder(const oci::Contents& contents) : contents_(contents) {}

  std::string encode() const {
    std::map<std::string, std::vector<std::string>> sorted;
    for (const oci::CarriedImage& image : contents_.images) {
      const oci::RawManifest& manifest = find(image.target.digest);
      sorted[sort_key(manifest)].push_back(
          oci::is_index(manifest.descriptor.media_type)
              ? fmt::format(R"({{"ImageIndex":{},"Image":null}})", index_object(image, manifest))
              : fmt::format(R"({{"ImageIndex":null,"Image":{}}})", image_object(image, manifest)));
    }
    std::string out;
    for (const auto& [key, entries] : sorted)
      for (const std::string& entry : entries) out += (out.empty() ? "" : ",") + entry;
    return "[" + out + "]";
  }

 private:
  const oci::RawManifest& find(const oci::Digest& digest) const {
    const oci::RawManifest* manifest = contents_.find_manifest(digest);
    if (manifest == nullptr)
      throw Error(ErrorKind::kInternal, fmt::format("manifest '{}' is not planned", digest.str()));
    return *manifest;
  }

  static std::string sort_key(const oci::RawManifest& manifest) {
    const std::string own = manifest.descriptor.digest.str();
    if (oci::is_index(manifest.descriptor.media_type)) return own;
    return own + "/" + oci::parse_image_manifest(manifest).config.digest.str();
  }

  std::string image_object(const oci::CarriedImage& image, const oci::RawManifest& manifest) const {
    const oci::ImageManifest parsed = oci::parse_image_manifest(manifest);
    const oci::CarriedConfig* config = contents_.find_config(parsed.config.digest);
    if (config == nullptr)
      throw Error(ErrorKind::kInternal,
                  fmt::format("config '{}' is not planned", parsed.config.digest.str()));
    return fmt::format(R"({{"Refs":[{}],"Layers":{},"Config":{{"Digest":{},"Raw":{}}},)"
                       R"("Manifest":{{"MediaType":{},"Digest":{},"Raw":{}}},{}}})",
                       reference(image, manifest), layer_list(parsed, *config),
                       json_quote(config->blob.digest.str()), json_quote(config->bytes),
                       json_quote(manifest.descriptor.media_type),
                       json_quote(manifest.descriptor.digest.str()), json_quote(manifest.bytes),
                       shared_fields(image));
  }

  std::string index_object(const oci::CarriedImage& image, const oci::RawManifest& manifest) const {
    std::vector<std::string> images;
    std::vector<std::string> indexes;
    for (const oci::Descriptor& child : oci::parse_index(manifest).manifests) {
      const oci::RawManifest& raw = find(child.digest);
      if (oci::is_index(raw.descriptor.media_type))
        indexes.push_back(index_object(image, raw));
      else
        images.push_back(image_object(image, raw));
    }
    const auto as_is = [](const std::string& text) { return text; };
    return fmt::format(
        R"({{"Refs":[{}],"Images":{},"Indexes":{},"MediaType":{},"Digest":{},"Raw":{},{}}})",
        reference(image, manifest), json_list(images, as_is), json_list(indexes, as_is),
        json_quote(manifest.descriptor.media_type), json_quote(manifest.descriptor.digest.str()),
        json_quote(manifest.bytes), shared_fields(image));
  }

  static std::string reference(const oci::CarriedImage& image, const oci::RawManifest& manifest) {
    return json_quote(oci::digest_reference(image.repository, manifest.descriptor.digest));
  }

  static std::string layer_list(const oci::ImageManifest& image, const oci::CarriedConfig& config) {
    // Artifacts have configs of their own kinds, which say nothing about layers.
    std::vector<std::string> diff_ids;
    const bool has_file_systems =
        std::any_of(image.layers.begin(), image.layers.end(),
                    [](const auto& layer) { return oci::is_layer(layer.media_type); });
    if (has_file_systems)
      diff_ids = oci::parse_image_config(config.bytes, config.blob.digest).diff_ids;
    std::size_t position = 0;
    return json_list(image.layers, [&](const oci::Descriptor& layer) {
      const std::size_t i = position++;
      const bool known = oci::is_layer(layer.media_type) && i < diff_ids.size();
      return fmt::format(R"({{"MediaType":{},"Digest":{},"DiffID":{},"Size":{}}})",
                         json_quote(layer.media_type), json_quote(layer.digest.str()),
                         json_quote(known ? diff_ids[i] : ""), layer.size);
    });
  }

  const oci::Contents& contents_;
};

// ---- reading -----------------------------------------------------------------------------------

class Decoder {
 public:
  oci::Contents decode(const Json& list) {
    for (const Json& entry : list.items()) {
      if (const auto image = entry.find("Image"))
        contents_.images.push_back(carried(*image, add_image(*image, repository_of(*image))));
      else
        contents_.images.push_back(
            carried(entry.at("ImageIndex"), add_index(entry.at("ImageIndex"), 0)));
    }
    finish();
    return std::move(contents_);
  }

 private:
  static oci::Repository repository_of(const Json& object) {
    const std::vector<Json> refs = object.at("Refs").items();
    if (refs.empty()) throw Error(ErrorKind::kParse, "an image without a reference");
    return oci::Reference::parse(refs.front().string()).repository;
  }

  static oci::CarriedImage carried(const Json& object, oci::Descriptor target) {
    return {repository_of(object), std::move(target), object.string_or("Tag", ""),
            object.string_or("OrigRef", ""), object.string_map("Labels")};
  }

  static void check(std::string_view what, const oci::Digest& listed, const oci::Digest& got) {
    if (listed != got)
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("{} listed as '{}' has digest '{}'", what, listed.str(), got.str()));
  }

  oci::Descriptor add_manifest(const Json& object) {
    const auto listed = oci::Digest::parse(object.at("Digest").string());
    oci::RawManifest manifest = oci::make_raw_manifest(
        object.at("Raw").string(), object.string_or("MediaType", ""), listed.algorithm());
    check("manifest", listed, manifest.descriptor.digest);
    oci::Descriptor descriptor = manifest.descriptor;
    if (known_manifests_.insert(listed).second) contents_.manifests.push_back(std::move(manifest));
    return descriptor;
  }

  oci::Descriptor add_image(const Json& object, const oci::Repository& repository) {
    const oci::Descriptor descriptor = add_manifest(object.at("Manifest"));
    const oci::ImageManifest image =
        oci::parse_image_manifest(*contents_.find_manifest(descriptor.digest));
    const Json config = object.at("Config");
    std::string raw = config.at("Raw").string();
    check("config", image.config.digest,
          oci::Digest::of(as_bytes(raw), image.config.digest.algorithm()));
    configs_.try_emplace(image.config.digest,
                         oci::CarriedConfig{image.config, std::move(raw), repository});
    for (const oci::Descriptor& layer : image.layers)
      layers_.try_emplace(layer.digest, oci::CarriedLayer{layer, repository});
    return descriptor;
  }

  oci::Descriptor add_index(const Json& object, int depth) {
    if (depth == kMaxNesting) throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    for (const Json& child : object.items_of("Indexes")) add_index(child, depth + 1);
    for (const Json& child : object.items_of("Images")) add_image(child, repository_of(object));
    oci::Descriptor descriptor = add_manifest(object);
    for (const oci::Descriptor& child :
         oci::parse_index(*contents_.find_manifest(descriptor.digest)).manifests)
      if (!known_manifests_.contains(child.digest))
        throw Error(ErrorKind::kParse, fmt::format("index '{}' names '{}', which is not there",
                                                   descriptor.digest.str(), child.digest.str()));
    return descriptor;
  }

  void finish() {
    for (auto& [digest, config] : configs_) contents_.configs.push_back(std::move(config));
    for (auto& [digest, layer] : layers_) contents_.layers.push_back(std::move(layer));
    std::stable_sort(contents_.images.begin(), contents_.images.end(),
                     [](const auto& a, const auto& b) { return a.reference() < b.reference(); });
  }

  oci::Contents contents_;
  std::set<oci::Digest> known_manifests_;
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
};

}  // namespace

std::string layer_entry_name(const oci::Digest& digest) {
  return fmt::format("{}-{}.tar.gz", digest.algorithm_name(), digest.hex());
}

std::string encode_imgpkg_manifest(const oci::Contents& contents) {
  return Encoder(contents).encode();
}

oci::Contents decode_imgpkg_manifest(std::string_view text, std::string_view origin) {
  return while_doing([&] { return std::string(origin); },
                     [&] { return Decoder().decode(Json::parse(text, "manifest.json")); });
}

}  // namespace tote::archive
