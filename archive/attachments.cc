#include "archive/attachments.h"

#include "archive/oci_layout_annotations.h"
#include "oci/media_types.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace tote::archive {
namespace {

struct Suffix {
  std::string_view key;  // the end of a `kind`, or the beginning of a media type
  std::string_view suffix;
};

// "dev.cosignproject.cosign/sigs", "dev.hauler/sigs"; referrers say themselves what they are about.
constexpr std::array<Suffix, 4> kKinds = {
    {{"/sigs", ".sig"}, {"/atts", ".att"}, {"/sboms", ".sbom"}, {"/referrers", ""}}};

constexpr std::array<Suffix, 7> kLayers = {
    {{"application/vnd.dev.cosign.simplesigning.v1+json", ".sig"},
     {"application/vnd.dsse.envelope.v1+json", ".att"},
     {"application/vnd.cyclonedx", ".sbom"},
     {"application/vnd.syft", ".sbom"},
     {"application/spdx", ".sbom"},
     {"text/spdx", ".sbom"},
     {"spdx+json", ".sbom"}}};

std::optional<std::string> suffix_by_content(const oci::RawManifest& manifest) {
  if (!oci::is_image_manifest(manifest.descriptor.media_type)) return std::nullopt;
  const std::vector<oci::Descriptor> layers = oci::parse_image_manifest(manifest).layers;
  for (const Suffix& row : kLayers)
    if (!layers.empty() && std::all_of(layers.begin(), layers.end(), [&](const auto& layer) {
          return layer.media_type.starts_with(row.key);
        }))
      return std::string(row.suffix);
  return std::nullopt;
}

bool is_cosign_tag(const std::string& tag) {
  return tag.starts_with("sha") &&
         (tag.ends_with(".sig") || tag.ends_with(".att") || tag.ends_with(".sbom"));
}

using Group = std::vector<LayoutEntry*>;  // of one name

// Of the images by themselves.
std::set<oci::Digest> subjects_of(const Group& group) {
  std::set<oci::Digest> subjects;
  for (const LayoutEntry* entry : group)
    if (!entry->attachment) subjects.insert(entry->image.target.digest);
  return subjects;
}

// Where several images have a name, and all but one turn out to be attachments, they are that.
void find_silent_attachments(const Group& group, const oci::ManifestList& manifests) {
  if (subjects_of(group).size() < 2) return;
  std::vector<std::pair<LayoutEntry*, std::string>> silent;
  std::set<oci::Digest> subjects;
  for (LayoutEntry* entry : group) {
    if (entry->attachment) continue;
    if (auto suffix = suffix_by_content(*manifests.find(entry->image.target.digest)))
      silent.emplace_back(entry, *std::move(suffix));
    else
      subjects.insert(entry->image.target.digest);
  }
  if (subjects.size() == 1)
    for (auto& [entry, suffix] : silent) entry->attachment = std::move(suffix);
}

// What it is about may be one of several: then it has no tag.
void rename_attachments(const Group& group) {
  const std::set<oci::Digest> subjects = subjects_of(group);
  for (LayoutEntry* entry : group) {
    if (!entry->attachment || is_cosign_tag(entry->image.tag)) continue;
    const bool is_known = subjects.size() == 1 && !entry->attachment->empty();
    entry->image.tag = is_known ? oci::digest_tag(*subjects.begin()) + *entry->attachment : "";
  }
}

}  // namespace

std::optional<std::string> attachment_suffix(
    const std::map<std::string, std::string>& annotations) {
  const std::string kind = annotation(annotations, "kind");
  for (const Suffix& row : kKinds)
    if (kind.ends_with(row.key) ||
        (row.suffix.empty() && kind.find(std::string(row.key) + "/") != std::string::npos))
      return std::string(row.suffix);
  return std::nullopt;
}

std::vector<oci::CarriedImage> name_attachments(std::vector<LayoutEntry> entries,
                                                const oci::ManifestList& manifests) {
  std::map<std::pair<oci::Repository, std::string>, Group> groups;
  for (LayoutEntry& entry : entries)
    groups[{entry.image.repository, entry.image.tag}].push_back(&entry);
  for (const auto& [name, group] : groups) {
    if (!name.second.empty()) find_silent_attachments(group, manifests);
    rename_attachments(group);
  }
  std::vector<oci::CarriedImage> images;
  for (LayoutEntry& entry : entries) images.push_back(std::move(entry.image));
  return images;
}

}  // namespace tote::archive
