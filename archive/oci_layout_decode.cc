#include "archive/attachments.h"
#include "archive/contents_builder.h"
#include "archive/oci_layout.h"
#include "archive/oci_layout_annotations.h"
#include "base/error.h"
#include "base/json.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>
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

class Decoder {
 public:
  Decoder(const ReadBlob& read_blob, const oci::Repository& nowhere)
      : read_blob_(read_blob), nowhere_(nowhere) {}

  oci::Contents decode(const Json& index) {
    std::vector<LayoutEntry> entries;
    for (const Json& item : index.items_of("manifests")) {
      oci::Descriptor target = oci::parse_descriptor(item);
      if (!oci::may_be_manifest(target.media_type)) continue;
      LayoutEntry entry{carried(target), attachment_suffix(target.annotations)};
      add(entry.image.target, entry.image.repository, 0);
      // An entry may leave the media type to the manifest.
      entry.image.target = contents_.find_manifest(target.digest)->descriptor;
      entries.push_back(std::move(entry));
    }
    for (oci::CarriedImage& image :
         name_attachments(std::move(entries), contents_.manifests(), read_blob_))
      contents_.add_image(std::move(image));
    oci::Contents contents = contents_.finish();
    contents.images_lock = lock_of(index);
    return contents;
  }

  std::vector<std::string> tags(const Json& index) const {
    std::vector<std::string> tags;
    std::vector<LayoutEntry> entries;
    std::vector<std::size_t> places;  // of the entries among the tags
    oci::ManifestList manifests;
    for (const Json& item : index.items_of("manifests")) {
      const oci::Descriptor target = oci::parse_descriptor(item);
      LayoutEntry entry{carried(target), attachment_suffix(target.annotations)};
      tags.push_back(entry.image.tag);
      std::optional<oci::RawManifest> manifest = try_manifest(target);
      if (!manifest) continue;
      manifests.add(*std::move(manifest));
      entries.push_back(std::move(entry));
      places.push_back(tags.size() - 1);
    }
    const auto images = name_attachments(std::move(entries), manifests, read_blob_);
    for (std::size_t i = 0; i < images.size(); ++i) tags[places[i]] = images[i].tag;
    return tags;
  }

  static std::string lock_of(const Json& index) {
    return annotation(index.string_map("annotations"), kImagesLock);
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
    if (annotations.contains(oci::kRootBundleLabel))
      image.labels[oci::kRootBundleLabel] = annotation(annotations, oci::kRootBundleLabel);
    return image;
  }

  std::optional<oci::RawManifest> try_manifest(const oci::Descriptor& target) const {
    if (!oci::may_be_manifest(target.media_type)) return std::nullopt;
    try {
      std::optional<std::string> bytes = read_blob_(target.digest);
      if (!bytes) return std::nullopt;
      return oci::make_raw_manifest(*std::move(bytes), target.media_type,
                                    target.digest.algorithm());
    } catch (const Error&) {
      return std::nullopt;  // whoever wants it will be told
    }
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
      add_children(manifest, repository, depth);
    else
      add_image(manifest, repository);
    contents_.add_manifest(std::move(manifest));
  }

  void add_children(const oci::RawManifest& manifest, const oci::Repository& repository,
                    int depth) {
    const oci::ImageIndex index = oci::parse_index(manifest);
    for (const oci::Descriptor& child : index.manifests)
      while_doing(
          [&] {
            return fmt::format("index '{}' names '{}'", manifest.descriptor.digest.str(),
                               child.digest.str());
          },
          [&] { add(child, repository, depth + 1); });
    for (const oci::Descriptor& blob : index.blobs) contents_.add_blob(blob, repository);
  }

  void add_image(const oci::RawManifest& manifest, const oci::Repository& repository) {
    const oci::ImageManifest image = oci::parse_image_manifest(manifest);
    if (image.config.size > oci::kMaxManifestSize)
      contents_.add_blob(image.config, repository);
    else if (!contents_.has_config(image.config.digest))
      contents_.add_config({image.config, read(image.config), repository});
    contents_.add_layers(image, repository);
  }

  const ReadBlob& read_blob_;
  const oci::Repository& nowhere_;
  ContentsBuilder contents_;
  std::uint64_t total_ = 0;
  std::set<oci::Digest> seen_;
};

}  // namespace

oci::Contents decode_layout_index(std::string_view text, const ReadBlob& read_blob,
                                  const oci::Repository& nowhere) {
  return while_doing(
      [] { return kIndexJson; },
      [&] { return Decoder(read_blob, nowhere).decode(Json::parse(text, "document")); });
}

std::vector<std::string> tags_of_layout(const Json& index, const ReadBlob& read_blob) {
  const oci::Repository nowhere{kNowhere, "layout"};
  return Decoder(read_blob, nowhere).tags(index);
}

std::string images_lock_of_index(std::string_view text) {
  try {
    return Decoder::lock_of(Json::parse(text, "document"));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace tote::archive
