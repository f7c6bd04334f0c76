#include "archive/oci_layout.h"

#include "base/error.h"
#include "base/json.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace tote::archive {
namespace {

constexpr int kMaxNesting = 16;  // of indexes in indexes

constexpr const char* kRefName = "org.opencontainers.image.ref.name";
// Where containerd, nerdctl and BuildKit look for the full name.
constexpr const char* kFullName = "io.containerd.image.name";
constexpr const char* kOriginalRef = "tote.original-ref";
constexpr const char* kImagesLock = "tote.images-lock";

// ---- writing -----------------------------------------------------------------------------------

std::string quoted_map(const std::map<std::string, std::string>& map) {
  std::string members;
  for (const auto& [key, value] : map)
    members +=
        fmt::format("{}{}:{}", members.empty() ? "" : ",", json_quote(key), json_quote(value));
  return "{" + members + "}";
}

// The name by its tag, as people know it; images that a bundle brought, by what it calls them.
std::map<std::string, std::string> annotations_of(const oci::CarriedImage& image) {
  std::map<std::string, std::string> annotations = image.labels;
  const bool has_origin = image.repository.registry != kNowhere;
  if (!image.tag.empty())
    annotations[kRefName] = image.tag;
  else if (!image.original_ref.empty())
    annotations[kRefName] = image.original_ref;
  else if (has_origin)
    annotations[kRefName] = image.reference();
  if (has_origin)
    annotations[kFullName] = image.tag.empty()
                                 ? image.reference()
                                 : fmt::format("{}:{}", image.repository.name(), image.tag);
  if (!image.original_ref.empty()) annotations[kOriginalRef] = image.original_ref;
  return annotations;
}

std::string index_entry(const oci::CarriedImage& image) {
  const auto annotations = annotations_of(image);
  return fmt::format(R"({{"mediaType":{},"digest":{},"size":{}{}}})",
                     json_quote(image.target.media_type), json_quote(image.target.digest.str()),
                     image.target.size,
                     annotations.empty() ? "" : R"(,"annotations":)" + quoted_map(annotations));
}

std::vector<std::string> index_entries(const oci::Contents& contents) {
  std::vector<oci::CarriedImage> images = contents.images;
  std::stable_partition(images.begin(), images.end(), [](const oci::CarriedImage& image) {
    return image.labels.contains(oci::kRootBundleLabel);
  });
  std::vector<std::string> entries;
  for (const oci::CarriedImage& image : images) entries.push_back(index_entry(image));
  return entries;
}

std::string join(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ",") + item;
  return list;
}

// ---- adding to another -------------------------------------------------------------------------

// What tells one image of a layout from the others: two releases of different things may have one
// tag, and then differ in the full name.
struct EntryKey {
  std::string name;
  std::string full_name;
  std::string digest;

  bool gives_way_to(const EntryKey& other) const {
    if (digest == other.digest) return name == other.name || name.empty() || other.name.empty();
    if (name.empty() || name != other.name) return false;
    return full_name.empty() || other.full_name.empty() || full_name == other.full_name;
  }
};

EntryKey key_of(const std::map<std::string, std::string>& annotations, std::string digest) {
  const auto said = [&](const char* key) {
    const auto found = annotations.find(key);
    return found == annotations.end() ? std::string() : found->second;
  };
  return {said(kRefName), said(kFullName), std::move(digest)};
}

class Merger {
 public:
  explicit Merger(const oci::Contents& contents) : contents_(contents) {}

  std::string merge(const Json& present) {
    for (const Json& entry : present.items_of("manifests")) keep(entry);
    std::vector<std::string> entries = std::move(kept_);
    for (const oci::CarriedImage& image : contents_.images)
      if (!is_there(image)) entries.push_back(index_entry(image));
    std::string members;
    for (const auto& [key, value] : present.members())
      if (key != "manifests")
        members += fmt::format("{}:{},", json_quote(key),
                               key == "annotations" ? annotations(value) : value.text());
    return fmt::format(R"({{{}"manifests":[{}]}})", members, join(entries));
  }

 private:
  void keep(const Json& entry) {
    const auto annotations = entry.string_map("annotations");
    const EntryKey old = key_of(annotations, entry.string_or("digest", ""));
    for (const oci::CarriedImage& image : contents_.images) {
      const auto added = annotations_of(image);
      const EntryKey key = key_of(added, image.target.digest.str());
      if (!old.gives_way_to(key)) continue;
      if (old.digest != key.digest) return;
      there_.insert(&image);
      kept_.push_back(with_annotations(entry, added));
      return;
    }
    kept_.push_back(entry.text());
  }

  // What it says of the same image stays: a platform, other people's annotations.
  static std::string with_annotations(const Json& entry, std::map<std::string, std::string> added) {
    added.merge(entry.string_map("annotations"));
    std::string members;
    for (const auto& [key, value] : entry.members())
      if (key != "annotations") members += fmt::format("{}:{},", json_quote(key), value.text());
    return fmt::format(R"({{{}"annotations":{}}})", members, quoted_map(added));
  }

  bool is_there(const oci::CarriedImage& image) const { return there_.contains(&image); }

  // A lock is of one copy; it says nothing of what others have put beside it.
  static std::string annotations(const Json& annotations) {
    std::string members;
    for (const auto& [key, value] : annotations.members())
      if (key != kImagesLock)
        members +=
            fmt::format("{}{}:{}", members.empty() ? "" : ",", json_quote(key), value.text());
    return "{" + members + "}";
  }

  const oci::Contents& contents_;
  std::vector<std::string> kept_;
  std::set<const oci::CarriedImage*> there_;
};

// ---- reading -----------------------------------------------------------------------------------

std::optional<oci::Reference> try_reference(const std::string& text) {
  try {
    return oci::Reference::parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

class Decoder {
 public:
  Decoder(const ReadBlob& read_blob, const oci::Repository& nowhere)
      : read_blob_(read_blob), nowhere_(nowhere) {}

  oci::Contents decode(const Json& index) {
    for (const Json& entry : index.items_of("manifests")) {
      oci::CarriedImage image = carried(oci::parse_descriptor(entry));
      add(image.target, image.repository, 0);
      contents_.images.push_back(std::move(image));
    }
    contents_.images_lock = lock_of(index);
    finish();
    return std::move(contents_);
  }

  static std::string lock_of(const Json& index) {
    const auto annotations = index.string_map("annotations");
    const auto found = annotations.find(kImagesLock);
    return found == annotations.end() ? "" : found->second;
  }

 private:
  // A name is a tag, or "registry.example/app:v1", or whatever else people write there.
  oci::CarriedImage carried(oci::Descriptor target) const {
    const auto annotations = std::exchange(target.annotations, {});
    const auto said = [&](const char* key) {
      const auto found = annotations.find(key);
      return found == annotations.end() ? std::string() : found->second;
    };
    const std::string name = said(kRefName);
    const std::string full = said(kFullName);
    const auto reference = try_reference(full.empty() && !oci::is_tag(name) ? name : full);
    oci::CarriedImage image{reference ? reference->repository : nowhere_,
                            std::move(target),
                            {},
                            said(kOriginalRef),
                            {}};
    if (oci::is_tag(name))
      image.tag = name;
    else if (reference && name.find_first_of(":/") != std::string::npos)
      image.tag = reference->tag;
    if (annotations.contains(oci::kRootBundleLabel))
      image.labels[oci::kRootBundleLabel] = said(oci::kRootBundleLabel);
    return image;
  }

  std::string read(const oci::Descriptor& blob) {
    std::optional<std::string> bytes = read_blob_(blob.digest);
    if (!bytes)
      throw Error(ErrorKind::kNotFound, fmt::format("blob '{}' is not there", blob.digest.str()));
    if ((total_ += bytes->size()) > kMaxMetadata)
      throw Error(ErrorKind::kParse,
                  fmt::format("manifests and configs are over {} bytes", kMaxMetadata));
    return oci::read_verified(std::make_unique<StringSource>(*std::move(bytes)), blob);
  }

  void add(const oci::Descriptor& target, const oci::Repository& repository, int depth) {
    if (depth == kMaxNesting) throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    if (!seen_.insert(target.digest).second) return;
    oci::RawManifest manifest =
        oci::make_raw_manifest(read(target), target.media_type, target.digest.algorithm());
    if (oci::is_index(manifest.descriptor.media_type))
      for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
        add(child, repository, depth + 1);
    else
      add_image(manifest, repository);
    contents_.manifests.add(std::move(manifest));
  }

  void add_image(const oci::RawManifest& manifest, const oci::Repository& repository) {
    const oci::ImageManifest image = oci::parse_image_manifest(manifest);
    if (!configs_.contains(image.config.digest))
      configs_.emplace(image.config.digest,
                       oci::CarriedConfig{image.config, read(image.config), repository});
    for (const oci::Descriptor& layer : image.layers)
      layers_.try_emplace(layer.digest, oci::CarriedLayer{layer, repository});
  }

  void finish() {
    for (auto& [digest, config] : configs_) contents_.configs.push_back(std::move(config));
    for (auto& [digest, layer] : layers_) contents_.layers.push_back(std::move(layer));
    for (oci::CarriedImage& image : contents_.images)
      image.target = contents_.find_manifest(image.target.digest)->descriptor;
    std::stable_sort(contents_.images.begin(), contents_.images.end(),
                     [](const auto& a, const auto& b) {
                       return std::tuple(a.reference(), a.tag) < std::tuple(b.reference(), b.tag);
                     });
  }

  const ReadBlob& read_blob_;
  const oci::Repository& nowhere_;
  oci::Contents contents_;
  std::uint64_t total_ = 0;
  std::set<oci::Digest> seen_;
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
};

template <class Body>
decltype(auto) about_index(Body&& body) {
  return while_doing([] { return kIndexJson; }, std::forward<Body>(body));
}

}  // namespace

std::string blob_path(const oci::Digest& digest) {
  return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

std::string encode_layout_index(const oci::Contents& contents) {
  const std::string annotations =
      contents.images_lock.empty()
          ? std::string()
          : fmt::format(R"(,"annotations":{})", quoted_map({{kImagesLock, contents.images_lock}}));
  return fmt::format(R"({{"schemaVersion":2,"mediaType":{},"manifests":[{}]{}}})",
                     json_quote(oci::kOciIndex), join(index_entries(contents)), annotations);
}

std::string merge_layout_index(std::string_view present, const oci::Contents& contents) {
  return about_index([&] {
    const Json index = Json::parse(present, "document");
    if (index.items_of("manifests").empty() && index.string_map("annotations").empty())
      return encode_layout_index(contents);
    return Merger(contents).merge(index);
  });
}

oci::Contents decode_layout_index(std::string_view text, const ReadBlob& read_blob,
                                  const oci::Repository& nowhere) {
  return about_index(
      [&] { return Decoder(read_blob, nowhere).decode(Json::parse(text, "document")); });
}

std::string images_lock_of_index(std::string_view text) {
  try {
    return Decoder::lock_of(Json::parse(text, "document"));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace tote::archive
