#include "archive/attachments.h"

#include "archive/oci_layout_annotations.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
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

// Of the statements that name what an attachment is about.
constexpr std::uint64_t kMaxStatement = 1U << 20U;

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

// The digest in what cosign signs ("simple signing").
oci::Digest subject_of_signature(const Json& signature) {
  return oci::Digest::parse(
      signature.at("critical").at("image").at("docker-manifest-digest").string());
}

// The digest in an in-toto statement, which is inside a DSSE envelope.
oci::Digest subject_of_attestation(const Json& envelope) {
  const std::string text = base64_decode(envelope.at("payload").string()).value_or("");
  const Json subject = Json::parse(text, "statement").at("subject").items().at(0);
  return oci::Digest::parse("sha256:" + subject.at("digest").at("sha256").string());
}

// The image that the attachment says it is about; nullopt: it does not say so where we look.
std::optional<oci::Digest> subject_in_content(const LayoutEntry& entry,
                                              const oci::ManifestList& manifests,
                                              const ReadBlob& read_blob) {
  const bool is_signature = entry.attachment == ".sig";
  if (!is_signature && entry.attachment != ".att") return std::nullopt;
  try {
    const auto image = oci::parse_image_manifest(*manifests.find(entry.image.target.digest));
    if (image.layers.empty() || image.layers.front().size > kMaxStatement) return std::nullopt;
    const oci::Descriptor& layer = image.layers.front();
    const std::string text = read_blob(layer.digest).value_or("");
    if (oci::Digest::of(as_bytes(text), layer.digest.algorithm()) != layer.digest)
      return std::nullopt;
    const Json content = Json::parse(text, "attachment");
    return is_signature ? subject_of_signature(content) : subject_of_attestation(content);
  } catch (const std::exception&) {
    return std::nullopt;  // it says something else, which is its right
  }
}

// What it is about may be one of several: then it has no tag, unless its content tells.
void rename_attachments(const Group& group, const oci::ManifestList& manifests,
                        const ReadBlob& read_blob) {
  const std::set<oci::Digest> subjects = subjects_of(group);
  for (LayoutEntry* entry : group) {
    if (!entry->attachment || is_cosign_tag(entry->image.tag)) continue;
    entry->image.tag.clear();
    if (entry->attachment->empty()) continue;
    const auto subject = subjects.size() == 1 ? std::optional(*subjects.begin())
                                              : subject_in_content(*entry, manifests, read_blob);
    if (subject) entry->image.tag = oci::digest_tag(*subject) + *entry->attachment;
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
                                                const oci::ManifestList& manifests,
                                                const ReadBlob& read_blob) {
  std::map<std::pair<oci::Repository, std::string>, Group> groups;
  for (LayoutEntry& entry : entries)
    groups[{entry.image.repository, entry.image.tag}].push_back(&entry);
  for (const auto& [name, group] : groups) {
    if (!name.second.empty()) find_silent_attachments(group, manifests);
    rename_attachments(group, manifests, read_blob);
  }
  std::vector<oci::CarriedImage> images;
  for (LayoutEntry& entry : entries) images.push_back(std::move(entry.image));
  return images;
}

}  // namespace tote::archive
