#include "archive/attachments.h"
#include "archive/oci_layout.h"
#include "archive/oci_layout_annotations.h"
#include "archive/root_bundle.h"
#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/json.h"
#include "base/paths.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

namespace tote::archive {
namespace {

std::optional<oci::Reference> try_reference(const std::string& text) {
  try {
    return oci::Reference::parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The blobs of the layout that are manifests and configs.
class LayoutGraph final : public oci::GraphReader {
 public:
  LayoutGraph(const ReadBlob& read_blob, const oci::ManifestList* known)
      : read_blob_(read_blob), known_(known) {}

  oci::ManifestPtr manifest(const oci::Repository&, const oci::Descriptor& target,
                            const oci::Manifest* index, const std::stop_token&) override {
    if (oci::ManifestPtr known = find_known(target)) return known;
    const auto get = [&] {
      return oci::Manifest::parse(read(target), target.media_type, target.digest.algorithm());
    };
    if (index == nullptr) return get();
    return while_doing(
        [&] {
          return fmt::format("index '{}' names '{}'", index->digest().str(), target.digest.str());
        },
        get);
  }

  std::optional<std::string> config(const oci::Repository&, const oci::Manifest& image,
                                    const std::stop_token&) override {
    if (!oci::is_readable_config(image.config())) return std::nullopt;
    return read(image.config());
  }

 private:
  std::string read(const oci::Descriptor& blob) {
    std::optional<std::string> bytes = read_blob_(blob.digest);
    if (!bytes)
      throw Error(ErrorKind::kNotFound, fmt::format("blob '{}' is not there", blob.digest.str()));
    count(bytes->size());
    return oci::read_verified(std::make_unique<StringSource>(*std::move(bytes)), blob);
  }

  // nullptr also for one that is not as the descriptor says.
  oci::ManifestPtr find_known(const oci::Descriptor& target) {
    oci::ManifestPtr found = known_ == nullptr ? nullptr : known_->find(target.digest);
    if (found == nullptr || found->bytes().size() != target.size ||
        found->media_type() != target.media_type)
      return nullptr;
    count(found->bytes().size());
    return found;
  }

  void count(std::uint64_t size) { check_metadata_size(total_ += size); }

  const ReadBlob& read_blob_;
  const oci::ManifestList* known_;
  std::uint64_t total_ = 0;
};

class Decoder {
 public:
  Decoder(const ReadBlob& read_blob, const oci::Repository& nowhere,
          const oci::ManifestList* known = nullptr)
      : read_blob_(read_blob), nowhere_(nowhere), known_(known) {}

  oci::Contents decode(const Json& index) const {
    std::vector<LayoutEntry> entries;
    std::vector<oci::CarriedImage> roots;
    for (const Json& item : index.items_of("manifests")) {
      const oci::Descriptor target = oci::parse_descriptor(item);
      if (!oci::may_be_manifest(target.media_type)) continue;
      entries.push_back({carried(target), attachment_suffix(target.annotations)});
      roots.push_back(entries.back().image);
    }
    LayoutGraph graph(read_blob_, known_);
    const auto follows = [this](const oci::CarriedImage& root, const oci::Manifest& in) {
      return carried_children(root, in,
                              [&](const auto& child) { return read_blob_(child).has_value(); });
    };
    oci::Contents contents = oci::follow_images(std::move(roots), graph, {.follows = follows}, {});
    // An entry may leave the media type to the manifest.
    for (LayoutEntry& entry : entries)
      entry.image.target = contents.find_manifest(entry.image.target.digest)->descriptor();
    const bool had_lists = replace_referrer_lists(entries, contents.manifests);
    contents.images = name_attachments(std::move(entries), contents.manifests, read_blob_);
    oci::sort_images(contents.images);
    if (!had_lists) return contents;
    std::vector<oci::CarriedImage> images = std::move(contents.images);
    return oci::part_of(contents, std::move(images));  // without the lists themselves
  }

  std::vector<LayoutName> names(const Json& index) const {
    std::vector<LayoutName> names;
    std::vector<LayoutEntry> entries;
    std::vector<std::size_t> places;  // of the entries among the names
    oci::ManifestList manifests;
    for (const Json& item : index.items_of("manifests")) {
      const oci::Descriptor target = oci::parse_descriptor(item);
      LayoutEntry entry{carried(target), attachment_suffix(target.annotations)};
      names.push_back({entry.image.repository, entry.image.tag});
      if (!manifests.find(target.digest)) {
        oci::ManifestPtr manifest = try_manifest(target);
        if (!manifest) continue;
        manifests.add(std::move(manifest));
      }
      entries.push_back(std::move(entry));
      places.push_back(names.size() - 1);
    }
    const auto images = name_attachments(std::move(entries), manifests, read_blob_);
    for (std::size_t i = 0; i < images.size(); ++i) names[places[i]].tag = images[i].tag;
    return names;
  }

 private:
  // A name is a tag, or "registry.example/app:v1", or whatever else people write there.
  oci::CarriedImage carried(oci::Descriptor target) const {
    const auto annotations = std::exchange(target.annotations, {});
    const std::string name = annotation(annotations, kRefName);
    const std::string full = annotation(annotations, kFullName);
    const auto reference = try_reference(full.empty() && !oci::is_tag(name) ? name : full);
    oci::CarriedImage image{reference ? reference->repository : nowhere_,
                            std::move(target),
                            {},
                            annotation(annotations, kOriginalRef),
                            {}};
    if (oci::is_tag(name))
      image.tag = name;
    else if (reference && name.find_first_of(":/") != std::string::npos)
      image.tag = reference->tag;
    for (const char* label : {kRootBundleLabel, kPlatformsLabel})
      if (annotations.contains(label)) image.labels[label] = annotation(annotations, label);
    return image;
  }

  // nullptr: it can not be read.
  oci::ManifestPtr try_manifest(const oci::Descriptor& target) const {
    if (!oci::may_be_manifest(target.media_type)) return nullptr;
    try {
      std::optional<std::string> bytes = read_blob_(target.digest);
      if (!bytes) return nullptr;
      return oci::Manifest::parse(*std::move(bytes), target.media_type, target.digest.algorithm());
    } catch (const Error&) {
      return nullptr;  // whoever wants it will be told
    }
  }

  const ReadBlob& read_blob_;
  const oci::Repository& nowhere_;
  const oci::ManifestList* known_;
};

std::string lock_of(const Json& index) {
  return annotation(index.string_map("annotations"), kImagesLock);
}

}  // namespace

oci::Repository nowhere_for(const std::filesystem::path& path) {
  std::string name;
  std::error_code ignored;
  const std::filesystem::path real = real_path(path);
  for (const char c :
       (std::filesystem::is_directory(real, ignored) ? real.filename() : real.stem()).string())
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') name += c;
  return {kNowhere, name.size() < 2 ? "images" : name};
}

void check_layout_version(std::string_view text) {
  const std::string version = Json::parse(text, kOciLayout).at("imageLayoutVersion").string();
  if (version != "1.0.0")
    throw Error(ErrorKind::kParse,
                fmt::format("{} says that it is of version '{}', and this tote knows 1.0.0",
                            kOciLayout, version));
}

void check_metadata_size(std::uint64_t size) {
  if (size > kMaxMetadata)
    throw Error(ErrorKind::kParse,
                fmt::format("manifests and configs are over {} bytes", kMaxMetadata));
}

std::uint64_t metadata_size(const oci::Contents& contents) {
  std::uint64_t size = 0;
  for (const oci::ManifestPtr& manifest : contents.manifests) size += manifest->bytes().size();
  for (const oci::CarriedConfig& config : contents.configs) size += config.bytes.size();
  return size;
}

LayoutIndex decode_layout_index(std::string_view text, const ReadBlob& read_blob,
                                const oci::Repository& nowhere, const oci::ManifestList* known) {
  return while_doing([] { return kIndexJson; },
                     [&]() -> LayoutIndex {
                       const Json index = Json::parse(text, "document");
                       return {Decoder(read_blob, nowhere, known).decode(index), lock_of(index)};
                     });
}

std::vector<LayoutName> names_of_layout(const Json& index, const ReadBlob& read_blob,
                                        const oci::Repository& nowhere) {
  return Decoder(read_blob, nowhere).names(index);
}

std::string images_lock_of_index(std::string_view text) {
  try {
    return lock_of(Json::parse(text, "document"));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace tote::archive
