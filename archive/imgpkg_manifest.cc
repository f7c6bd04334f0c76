#include "archive/imgpkg_manifest.h"

#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace tote::archive {
namespace {

// ---- writing -----------------------------------------------------------------------------------

// What every image and index has at its end.
JsonWriter& add_shared_members(JsonWriter& json, const oci::CarriedImage& image) {
  json.member("Tag", image.tag).member("OrigRef", image.known_as);
  if (image.labels.empty()) return json.member("Labels", nullptr);
  return json.member("Labels", image.labels);
}

// Of a manifest or an index.
JsonWriter& add_bytes(JsonWriter& json, const oci::Manifest& manifest) {
  return json.member("MediaType", manifest.media_type())
      .member("Digest", manifest.digest().str())
      .member("Raw", manifest.bytes());
}

class Encoder {
 public:
  explicit Encoder(const oci::Contents& contents) : contents_(contents) {}

  // `check` is called with each image's entry.
  std::string encode(const std::function<void(const std::string&)>& check) const {
    std::string out = "[";
    out.reserve(estimate());
    for (const oci::CarriedImage* image : sorted_images()) {
      const std::string entry = encode_entry(*image, find(image->target.digest));
      check(entry);
      out.append(out.size() > 1 ? "," : "").append(entry);
      if (out.size() >= kMaxManifestJson) refuse_size();
    }
    out += ']';
    return out;
  }

 private:
  // As imgpkg sorts them.
  std::vector<const oci::CarriedImage*> sorted_images() const {
    std::vector<std::pair<std::string, const oci::CarriedImage*>> keyed;
    keyed.reserve(contents_.images.size());
    for (const oci::CarriedImage& image : contents_.images)
      keyed.emplace_back(sort_key(find(image.target.digest)), &image);
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const oci::CarriedImage*> images;
    images.reserve(keyed.size());
    for (const auto& [key, image] : keyed) images.push_back(image);
    return images;
  }

  // Seldom less than it will be. What is not used takes no memory; to grow takes twice as much.
  std::size_t estimate() const {
    const std::size_t size = contents_.images.size() * 2048 + contents_.layers.size() * 512 +
                             2 * static_cast<std::size_t>(metadata_size(contents_));
    return std::min<std::size_t>(size, kMaxManifestJson);
  }

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

  std::string encode_entry(const oci::CarriedImage& image, const oci::Manifest& manifest) const {
    JsonWriter json;
    json.begin_object();
    if (manifest.is_index()) {
      write_index(json.key("ImageIndex"), image, manifest);
      json.member("Image", nullptr);
    } else {
      write_image(json.member("ImageIndex", nullptr).key("Image"), image, manifest);
    }
    return json.end_object().take();
  }

  // Of an index that is carried for some platforms only.
  bool is_left_out(const oci::CarriedImage& root, const oci::Descriptor& child) const {
    return root.labels.contains(kPlatformsLabel) &&
           contents_.find_manifest(child.digest) == nullptr;
  }

  const std::string& config_bytes(const oci::Descriptor& described) const {
    static const std::string kElsewhere;  // what is too large to be repeated lies beside the layers
    const oci::CarriedConfig* config = contents_.find_config(described.digest);
    if (config == nullptr && oci::is_readable_config(described))
      throw Error(ErrorKind::kInternal,
                  fmt::format("config '{}' is not planned", described.digest.str()));
    return config == nullptr ? kElsewhere : config->bytes;
  }

  void write_image(JsonWriter& json, const oci::CarriedImage& image,
                   const oci::Manifest& manifest) const {
    const oci::Descriptor& described = manifest.config();
    const std::string& config = config_bytes(described);
    count(config.size() + manifest.bytes().size());
    begin_object(json, image, manifest).key("Layers");
    write_layers(json, manifest, config);
    json.key("Config").begin_object();
    json.member("Digest", described.digest.str()).member("Raw", config).end_object();
    add_bytes(json.key("Manifest").begin_object(), manifest).end_object();
    add_shared_members(json, image).end_object();
  }

  void write_index(JsonWriter& json, const oci::CarriedImage& image,
                   const oci::Manifest& manifest) const {
    std::vector<const oci::Manifest*> images;
    std::vector<const oci::Manifest*> indexes;
    std::set<oci::Digest> known;  // an index may name a child for several platforms
    for (const oci::Descriptor& child : manifest.children()) {
      if (!known.insert(child.digest).second) continue;
      if (is_left_out(image, child)) continue;
      const oci::Manifest& named = find(child.digest);
      (named.is_index() ? indexes : images).push_back(&named);
    }
    count(manifest.bytes().size());
    begin_object(json, image, manifest);
    write_each(json.key("Images"), images,
               [&](const oci::Manifest* child) { write_image(json, image, *child); });
    write_each(json.key("Indexes"), indexes,
               [&](const oci::Manifest* child) { write_index(json, image, *child); });
    add_shared_members(add_bytes(json, manifest), image).end_object();
  }

  static JsonWriter& begin_object(JsonWriter& json, const oci::CarriedImage& image,
                                  const oci::Manifest& manifest) {
    const std::string reference = oci::digest_reference(image.repository, manifest.digest());
    return json.begin_object().member("Refs", std::vector{reference});
  }

  // A list, or null as Go writes one that is empty.
  template <class List, class Write>
  static void write_each(JsonWriter& json, const List& list, Write write) {
    if (list.empty()) {
      json.value(nullptr);
      return;
    }
    json.begin_array();
    for (const auto& item : list) write(item);
    json.end_array();
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

  // None in an artifact's config, which may be of any kind.
  static std::vector<std::string> diff_ids_of(const oci::Manifest& image,
                                              const std::string& config) {
    try {
      return oci::parse_image_config(config, image.config().digest).diff_ids;
    } catch (const Error&) {
      return {};
    }
  }

  static void write_layers(JsonWriter& json, const oci::Manifest& image,
                           const std::string& config) {
    const std::vector<std::string> diff_ids = diff_ids_of(image, config);
    std::size_t position = 0;
    write_each(json, image.layers(), [&](const oci::Descriptor& layer) {
      const std::size_t i = position++;
      const bool known = oci::is_layer(layer.media_type) && i < diff_ids.size();
      json.begin_object()
          .member("MediaType", layer.media_type)
          .member("Digest", layer.digest.str())
          .member("DiffID", known ? diff_ids[i] : "")
          .member("Size", layer.size)
          .end_object();
    });
  }

  const oci::Contents& contents_;
  mutable std::uint64_t size_ = 0;  // of what has been encoded, before escaping
};

// ---- reading -----------------------------------------------------------------------------------

// The manifests and configs that manifest.json lists, and then what the images among them name.
class Decoder final : public oci::GraphReader {
 public:
  // `known`: manifests that need not be parsed again; null: none.
  explicit Decoder(const ReadBlob& read_blob, const oci::ManifestList* known = nullptr)
      : read_blob_(read_blob), known_(known) {}

  oci::Contents decode(std::string_view list) {
    std::vector<oci::CarriedImage> images;
    Json::visit_items(list, "document", [&](const Json& entry) {
      const auto image = entry.find("Image");
      const Json object = image ? *image : entry.at("ImageIndex");
      const oci::ManifestPtr target = image ? add_image(object) : add_index(object, 0);
      images.push_back(carried(object, target->descriptor()));
      return true;
    });
    const auto follows = [this](const oci::CarriedImage& root, const oci::Manifest& index) {
      return carried_children(root, index, [this](const oci::Digest& child) {
        return manifests_.find(child) != nullptr;
      });
    };
    return oci::follow_images(std::move(images), *this, {.follows = follows}, {});
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
    std::string raw = object.at("Raw").string();
    const std::string media_type = object.string_or("MediaType", "");
    oci::ManifestPtr manifest = known_ == nullptr ? nullptr : known_->find(listed);
    if (manifest == nullptr || manifest->bytes() != raw || manifest->media_type() != media_type)
      manifest = oci::Manifest::parse(std::move(raw), media_type, listed.algorithm());
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
  const oci::ManifestList* known_;
  oci::ManifestList manifests_;
  std::unordered_map<oci::Digest, std::string> configs_;  // by the digest of the manifest
};

}  // namespace

std::string layer_entry_name(const oci::Digest& digest) {
  return fmt::format("{}-{}.tar.gz", digest.algorithm_name(), digest.hex());
}

// Each entry is read again by itself: of all together the tree would take some hundred megabytes.
std::string encode_imgpkg_manifest(const oci::Contents& contents) {
  const ReadBlob read_blob = blobs_in(contents);
  return Encoder(contents).encode([&](const std::string& entry) {
    while_doing([] { return kManifestJson; },
                [&] { Decoder(read_blob, &contents.manifests).decode("[" + entry + "]"); });
  });
}

oci::Contents decode_imgpkg_manifest(std::string_view manifest_json, const ReadBlob& read_blob) {
  return while_doing([] { return kManifestJson; },
                     [&] { return Decoder(read_blob).decode(manifest_json); });
}

}  // namespace tote::archive
