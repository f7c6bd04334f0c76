#include "archive/imgpkg_manifest.h"

#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace tote::archive {
namespace {

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
  return fmt::format(R"("Tag":{},"OrigRef":{},"Labels":{})", json_quote(image.tag),
                     json_quote(image.original_ref),
                     image.labels.empty() ? "null" : json_object(image.labels));
}

class Encoder {
 public:
  explicit Encoder(const oci::Contents& contents) : contents_(contents) {}

  std::string encode() const {
    std::map<std::string, std::vector<std::string>> sorted;
    for (const oci::CarriedImage& image : contents_.images) {
      const oci::Manifest& manifest = find(image.target.digest);
      sorted[sort_key(manifest)].push_back(
          manifest.is_index()
              ? fmt::format(R"({{"ImageIndex":{},"Image":null}})", index_object(image, manifest))
              : fmt::format(R"({{"ImageIndex":null,"Image":{}}})", image_object(image, manifest)));
    }
    std::string out;
    for (const auto& [key, entries] : sorted)
      for (const std::string& entry : entries) out += (out.empty() ? "" : ",") + entry;
    if (out.size() + 2 > kMaxManifestJson) refuse_size();
    return "[" + out + "]";
  }

 private:
  const oci::Manifest& find(const oci::Digest& digest) const {
    const oci::ManifestPtr manifest = contents_.find_manifest(digest);
    if (manifest == nullptr)
      throw Error(ErrorKind::kInternal, fmt::format("manifest '{}' is not planned", digest.str()));
    return *manifest;
  }

  static std::string sort_key(const oci::Manifest& manifest) {
    std::string own = manifest.digest().str();
    return manifest.is_index() ? own : own + "/" + manifest.config().digest.str();
  }

  std::string image_object(const oci::CarriedImage& image, const oci::Manifest& manifest) const {
    const oci::Descriptor& described = manifest.config();
    static const std::string elsewhere;  // what is too large to be repeated lies beside the layers
    const oci::CarriedConfig* config = contents_.find_config(described.digest);
    if (config == nullptr && oci::is_readable_config(described))
      throw Error(ErrorKind::kInternal,
                  fmt::format("config '{}' is not planned", described.digest.str()));
    const std::string& config_bytes = config == nullptr ? elsewhere : config->bytes;
    count(config_bytes.size() + manifest.bytes().size());
    return fmt::format(R"({{"Refs":[{}],"Layers":{},"Config":{{"Digest":{},"Raw":{}}},)"
                       R"("Manifest":{{"MediaType":{},"Digest":{},"Raw":{}}},{}}})",
                       reference(image, manifest), layer_list(manifest, config_bytes),
                       json_quote(described.digest.str()), json_quote(config_bytes),
                       json_quote(manifest.media_type()), json_quote(manifest.digest().str()),
                       json_quote(manifest.bytes()), shared_fields(image));
  }

  std::string index_object(const oci::CarriedImage& image, const oci::Manifest& manifest) const {
    std::vector<std::string> images;
    std::vector<std::string> indexes;
    std::set<oci::Digest> known;  // an index may name a child for several platforms
    for (const oci::Descriptor& child : manifest.children()) {
      if (!known.insert(child.digest).second) continue;
      const oci::Manifest& named = find(child.digest);
      if (named.is_index())
        indexes.push_back(index_object(image, named));
      else
        images.push_back(image_object(image, named));
    }
    const auto as_is = [](const std::string& text) { return text; };
    count(manifest.bytes().size());
    return fmt::format(
        R"({{"Refs":[{}],"Images":{},"Indexes":{},"MediaType":{},"Digest":{},"Raw":{},{}}})",
        reference(image, manifest), json_list(images, as_is), json_list(indexes, as_is),
        json_quote(manifest.media_type()), json_quote(manifest.digest().str()),
        json_quote(manifest.bytes()), shared_fields(image));
  }

  // The format repeats what several images and indexes share: that could be made endless.
  void count(std::size_t bytes) const {
    if ((size_ += bytes) > kMaxManifestJson) refuse_size();
  }

  [[noreturn]] static void refuse_size() {
    throw Error(ErrorKind::kParse,
                fmt::format("the manifests and configs do not fit into an archive's manifest.json, "
                            "which repeats them for every image and is at most {} bytes",
                            kMaxManifestJson))
        .with_hint("--tar-format oci has no such file");
  }

  static std::string reference(const oci::CarriedImage& image, const oci::Manifest& manifest) {
    return json_quote(oci::digest_reference(image.repository, manifest.digest()));
  }

  // None in an artifact's config, which may be of any kind.
  static std::vector<std::string> diff_ids_of(const oci::Manifest& image,
                                              const std::string& config) {
    try {
      return oci::parse_image_config(config, image.config().digest).diff_ids;
    } catch (const Error&) {
      return {};
    }
  }

  static std::string layer_list(const oci::Manifest& image, const std::string& config) {
    const std::vector<std::string> diff_ids = diff_ids_of(image, config);
    std::size_t position = 0;
    return json_list(image.layers(), [&](const oci::Descriptor& layer) {
      const std::size_t i = position++;
      const bool known = oci::is_layer(layer.media_type) && i < diff_ids.size();
      return fmt::format(R"({{"MediaType":{},"Digest":{},"DiffID":{},"Size":{}}})",
                         json_quote(layer.media_type), json_quote(layer.digest.str()),
                         json_quote(known ? diff_ids[i] : ""), layer.size);
    });
  }

  const oci::Contents& contents_;
  mutable std::uint64_t size_ = 0;  // of what has been encoded, before escaping
};

// ---- reading -----------------------------------------------------------------------------------

// The manifests and configs that manifest.json lists, and then what the images among them name.
class Decoder final : public oci::GraphReader {
 public:
  explicit Decoder(const ReadBlob& read_blob) : read_blob_(read_blob) {}

  oci::Contents decode(const Json& list) {
    std::vector<oci::CarriedImage> images;
    for (const Json& entry : list.items()) {
      const auto image = entry.find("Image");
      const Json object = image ? *image : entry.at("ImageIndex");
      const oci::ManifestPtr target = image ? add_image(object) : add_index(object, 0);
      images.push_back(carried(object, target->descriptor()));
    }
    return oci::follow_images(std::move(images), *this, {}, {});
  }

 private:
  static oci::Repository repository_of(const Json& object) {
    const std::vector<Json> refs = object.at("Refs").items();
    if (refs.empty()) throw Error(ErrorKind::kParse, "an image without a reference");
    return oci::Reference::parse(refs.front().string()).repository;
  }

  static oci::CarriedImage carried(const Json& object, const oci::Descriptor& target) {
    std::string tag = object.string_or("Tag", "");
    if (!tag.empty() && !oci::is_tag(tag))
      throw Error(ErrorKind::kParse, fmt::format("'{}' is no tag", tag));
    return {repository_of(object), target, std::move(tag), object.string_or("OrigRef", ""),
            object.string_map("Labels")};
  }

  static void check(std::string_view what, const oci::Digest& listed, const oci::Digest& got) {
    if (listed != got)
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("{} listed as '{}' has digest '{}'", what, listed.str(), got.str()));
  }

  // ---- what is listed --------------------------------------------------------------------------

  oci::ManifestPtr add_manifest(const Json& object) {
    const auto listed = oci::Digest::parse(object.at("Digest").string());
    oci::ManifestPtr manifest = oci::Manifest::parse(
        object.at("Raw").string(), object.string_or("MediaType", ""), listed.algorithm());
    check("manifest", listed, manifest->digest());
    manifests_.add(manifest);
    return manifest;
  }

  oci::ManifestPtr add_image(const Json& object) {
    oci::ManifestPtr manifest = add_manifest(object.at("Manifest"));
    configs_.try_emplace(manifest->digest(), object.at("Config").at("Raw").string());
    return manifest;
  }

  oci::ManifestPtr add_index(const Json& object, int depth) {
    if (depth == oci::kMaxIndexNesting)
      throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    for (const Json& child : object.items_of("Indexes")) add_index(child, depth + 1);
    for (const Json& child : object.items_of("Images")) add_image(child);
    return add_manifest(object);
  }

  // ---- what is named ---------------------------------------------------------------------------

  oci::ManifestPtr manifest(const oci::Repository&, const oci::Descriptor& target,
                            const oci::Manifest* index, const std::stop_token&) override {
    if (oci::ManifestPtr found = manifests_.find(target.digest)) return found;
    // Roots are listed.
    throw Error(ErrorKind::kParse, fmt::format("index '{}' names '{}', which is not there",
                                               index->digest().str(), target.digest.str()));
  }

  // Bytes that are not UTF-8 do not survive JSON; an archive of ours has them as a blob too.
  std::optional<std::string> config(const oci::Repository&, const oci::Manifest& image,
                                    const std::stop_token&) override {
    const oci::Descriptor& config = image.config();
    std::string raw = config_of(image);
    if (raw.empty() && !oci::is_readable_config(config)) return std::nullopt;
    const auto digest = [&] { return oci::Digest::of(as_bytes(raw), config.digest.algorithm()); };
    if (digest() != config.digest)
      if (std::optional<std::string> blob = read_blob_(config.digest)) raw = *std::move(blob);
    check("config", config.digest, digest());
    if (raw.size() != config.size)
      throw Error(ErrorKind::kDigestMismatch,
                  fmt::format("config '{}': got {} bytes, want {}", config.digest.str(), raw.size(),
                              config.size));
    return raw;
  }

  std::string config_of(const oci::Manifest& image) const {
    const auto found = configs_.find(image.digest());
    return found == configs_.end() ? "" : found->second;
  }

  const ReadBlob& read_blob_;
  oci::ManifestList manifests_;
  std::unordered_map<oci::Digest, std::string> configs_;  // by the digest of the manifest
};

}  // namespace

std::string layer_entry_name(const oci::Digest& digest) {
  return fmt::format("{}-{}.tar.gz", digest.algorithm_name(), digest.hex());
}

std::string encode_imgpkg_manifest(const oci::Contents& contents) {
  return Encoder(contents).encode();
}

oci::Contents decode_imgpkg_manifest(const Json& manifest_json, const ReadBlob& read_blob) {
  return while_doing([] { return kManifestJson; },
                     [&] { return Decoder(read_blob).decode(manifest_json); });
}

}  // namespace tote::archive
