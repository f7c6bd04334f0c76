#include "archive/attachments.h"
#include "archive/oci_layout.h"
#include "archive/oci_layout_annotations.h"
#include "archive/root_bundle.h"
#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tote::archive {
namespace {

// The name by its tag, as people know it; images that a bundle brought, by what it calls them.
std::map<std::string, std::string> annotations_of(const oci::CarriedImage& image) {
  std::map<std::string, std::string> annotations = image.labels;
  const bool has_origin = image.repository.registry != kNowhere;
  if (!image.tag.empty())
    annotations[kRefName] = image.tag;
  else if (!image.known_as.empty())
    annotations[kRefName] = image.known_as;
  else if (has_origin)
    annotations[kRefName] = image.reference();
  if (has_origin)
    annotations[kFullName] = image.tag.empty()
                                 ? image.reference()
                                 : fmt::format("{}:{}", image.repository.name(), image.tag);
  if (!image.known_as.empty()) annotations[kOriginalRef] = image.known_as;
  return annotations;
}

std::string index_entry(const oci::CarriedImage& image) {
  JsonWriter json;
  return oci::begin_descriptor(json, image.target, oci::DescriptorOrder::kDigestFirst)
      .member_unless_empty("annotations", annotations_of(image))
      .end_object()
      .take();
}

std::vector<std::string> index_entries(const oci::Contents& contents) {
  std::vector<oci::CarriedImage> images = contents.images;
  std::stable_partition(images.begin(), images.end(), [](const oci::CarriedImage& image) {
    return image.labels.contains(kRootBundleLabel);
  });
  std::vector<std::string> entries;
  for (const oci::CarriedImage& image : images) entries.push_back(index_entry(image));
  return entries;
}

// ---- adding to another -------------------------------------------------------------------------

// What tells one image of a layout from the others: two releases of different things may have one
// tag, and then differ in the full name.
struct EntryKey {
  std::string name;
  std::string full_name;
  std::string digest;

  bool gives_way_to(const EntryKey& other) const {
    if (!full_name.empty() && !other.full_name.empty() && full_name != other.full_name)
      return false;
    const bool is_nameless = name.empty() || other.name.empty();
    return is_nameless ? digest == other.digest : name == other.name;
  }
};

// A signature may have the name of its image, and is not in that one's way.
EntryKey key_of(const std::map<std::string, std::string>& annotations, std::string digest) {
  if (attachment_suffix(annotations)) return {{}, {}, std::move(digest)};
  return {annotation(annotations, kRefName), annotation(annotations, kFullName), std::move(digest)};
}

class Merger {
 public:
  Merger(const oci::Contents& contents, const std::string& images_lock) : lock_(images_lock) {
    for (const oci::CarriedImage& image : contents.images) {
      auto annotations = annotations_of(image);
      EntryKey key = key_of(annotations, image.target.digest.str());
      by_digest_.emplace(key.digest, added_.size());
      if (!key.name.empty()) by_name_.emplace(key.name, added_.size());
      added_.push_back({&image, std::move(annotations), std::move(key)});
    }
  }

  std::string merge(const Json& present) {
    for (const Json& entry : present.items_of("manifests")) keep(entry);
    // A lock is of one copy; it says nothing of what others have put beside it.
    std::map<std::string, std::string> annotations = present.string_map("annotations");
    annotations.erase(kImagesLock);
    if (entries_.empty() && !lock_.empty()) annotations[kImagesLock] = lock_;
    for (const Added& added : added_)
      if (!added.is_there) entries_.push_back(index_entry(*added.image));
    JsonWriter json;
    json.begin_object().members_of(present, {"manifests", "annotations"});
    json.member_unless_empty("annotations", annotations).key("manifests").begin_array();
    for (const std::string& entry : entries_) json.value(RawJson{entry});
    return json.end_array().end_object().take();
  }

 private:
  struct Added {
    const oci::CarriedImage* image;
    std::map<std::string, std::string> annotations;
    EntryKey key;
    bool is_there = false;
  };

  // Those that have a digest or a name in common with it.
  std::set<std::size_t> candidates(const EntryKey& old) const {
    std::set<std::size_t> found;
    const auto [first, last] = by_digest_.equal_range(old.digest);
    for (auto it = first; it != last; ++it) found.insert(it->second);
    const auto [first_named, last_named] = by_name_.equal_range(old.name);
    for (auto it = first_named; it != last_named; ++it) found.insert(it->second);
    return found;
  }

  void keep(const Json& entry) {
    const EntryKey old = key_of(entry.string_map("annotations"), entry.string_or("digest", ""));
    for (const std::size_t i : candidates(old)) {
      Added& added = added_[i];
      if (!old.gives_way_to(added.key)) continue;
      if (old.digest != added.key.digest) return;
      added.is_there = true;
      entries_.push_back(with_annotations(entry, added.annotations));
      return;
    }
    entries_.push_back(entry.text());
  }

  // What it says of the same image stays: a platform, other people's annotations.
  // Not that it was carried in part: whoever comes now says that himself.
  static std::string with_annotations(const Json& entry, std::map<std::string, std::string> added) {
    std::map<std::string, std::string> present = entry.string_map("annotations");
    present.erase(kPlatformsLabel);
    added.merge(std::move(present));
    return JsonWriter()
        .begin_object()
        .members_of(entry, {"annotations"})
        .member("annotations", added)
        .end_object()
        .take();
  }

  const std::string& lock_;
  std::vector<Added> added_;
  std::unordered_multimap<std::string, std::size_t> by_digest_;
  std::unordered_multimap<std::string, std::size_t> by_name_;
  std::vector<std::string> entries_;
};

}  // namespace

std::string blob_path(const oci::Digest& digest) {
  return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

ReadBlob blobs_in(const oci::Contents& contents) {
  return [&contents](const oci::Digest& digest) -> std::optional<std::string> {
    if (const oci::ManifestPtr manifest = contents.find_manifest(digest)) return manifest->bytes();
    if (const oci::CarriedConfig* config = contents.find_config(digest)) return config->bytes;
    return std::nullopt;
  };
}

std::string encode_layout_index(const oci::Contents& contents, const std::string& images_lock) {
  std::map<std::string, std::string> annotations;
  if (!images_lock.empty()) annotations.emplace(kImagesLock, images_lock);
  return oci::encode_index(oci::kOciIndex, index_entries(contents), annotations);
}

std::string merge_layout_index(std::string_view present, const oci::Contents& contents,
                               const std::string& images_lock) {
  return while_doing(
      [] { return kIndexJson; },
      [&] { return Merger(contents, images_lock).merge(Json::parse(present, "document")); });
}

std::string index_without(std::string_view present, const std::set<oci::Digest>& images) {
  return while_doing(
      [] { return kIndexJson; },
      [&] {
        const Json index = Json::parse(present, "document");
        std::vector<std::string> kept;
        std::size_t count = 0;
        for (const Json& entry : index.items_of("manifests")) {
          ++count;
          const auto digest = oci::Digest::try_parse(entry.string_or("digest", ""));
          if (!digest || !images.contains(*digest)) kept.push_back(entry.text());
        }
        if (kept.size() == count) return std::string(present);
        JsonWriter json;
        json.begin_object().members_of(index, {"manifests"}).key("manifests").begin_array();
        for (const std::string& entry : kept) json.value(RawJson{entry});
        return json.end_array().end_object().take();
      });
}

}  // namespace tote::archive
