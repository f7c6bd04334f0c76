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

std::optional<std::string> suffix_by_content(const oci::Manifest& manifest) {
  const std::span<const oci::Descriptor> layers = manifest.layers();
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

bool is_referrer_list(const oci::Manifest& list, const std::string& tag,
                      const oci::ManifestList& manifests) {
  if (!list.is_index() || list.children().empty() || !tag.starts_with("sha")) return false;
  return std::all_of(list.children().begin(), list.children().end(), [&](const auto& child) {
    const oci::ManifestPtr referrer = manifests.find(child.digest);
    return referrer != nullptr && referrer->subject() &&
           oci::digest_tag(referrer->subject()->digest) == tag;
  });
}

using Name = std::pair<oci::Repository, std::string>;
using Group = std::vector<LayoutEntry*>;  // of one name

Name name_of(const LayoutEntry& entry) {
  return {entry.image.repository, entry.image.tag};
}

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
  const std::vector<Json> subjects = Json::parse(text, "statement").at("subject").items();
  if (subjects.empty()) throw Error(ErrorKind::kParse, "the statement has no subject");
  return oci::Digest::parse("sha256:" + subjects[0].at("digest").at("sha256").string());
}

// Finds what attachments are about. For one layout.
class Subjects {
 public:
  Subjects(const oci::ManifestList& manifests, const ReadBlob& read_blob)
      : manifests_(manifests), read_blob_(read_blob) {}

  // The image of the layout that the content of an attachment names; nullopt: it names none. Each
  // attachment is looked at once, however often it is in the index.
  std::optional<oci::Digest> of(const LayoutEntry& entry) {
    const oci::Digest& digest = entry.image.target.digest;
    const auto [known, is_new] = known_.try_emplace({digest, *entry.attachment});
    if (is_new) known->second = read(digest, *entry.attachment);
    return known->second;
  }

 private:
  std::optional<oci::Digest> read(const oci::Digest& attachment, const std::string& suffix) const {
    if (suffix != ".sig" && suffix != ".att") return std::nullopt;
    try {
      const oci::ManifestPtr manifest = manifests_.find(attachment);
      const std::span<const oci::Descriptor> layers = manifest->layers();
      if (layers.empty() || layers[0].size > kMaxStatement) return std::nullopt;
      const oci::Descriptor& layer = layers[0];
      const std::string text = read_blob_(layer.digest).value_or("");
      if (oci::Digest::of(as_bytes(text), layer.digest.algorithm()) != layer.digest)
        return std::nullopt;
      const Json content = Json::parse(text, "attachment");
      const oci::Digest named =
          suffix == ".sig" ? subject_of_signature(content) : subject_of_attestation(content);
      return manifests_.find(named) == nullptr ? std::nullopt : std::optional(named);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse) throw;
      return std::nullopt;  // it says something else, which is its right
    }
  }

  const oci::ManifestList& manifests_;
  const ReadBlob& read_blob_;
  std::map<std::pair<oci::Digest, std::string>, std::optional<oci::Digest>> known_;
};

// Of a name: what it is about has that name too. Without a name its content has to tell, unless
// there is nothing else that it could be about.
std::optional<oci::Digest> subject_of(const LayoutEntry& entry,
                                      const std::set<oci::Digest>& candidates, Subjects& subjects) {
  if (entry.attachment->empty()) return std::nullopt;
  const bool has_name = !entry.image.tag.empty();
  if (has_name && candidates.size() == 1) return *candidates.begin();
  const std::optional<oci::Digest> named = subjects.of(entry);
  return !named && candidates.size() == 1 ? *candidates.begin() : named;
}

// Returns those that it gave a tag.
Group rename_attachments(const Group& group, Subjects& subjects) {
  const std::set<oci::Digest> candidates = subjects_of(group);
  Group renamed;
  for (LayoutEntry* entry : group) {
    if (!entry->attachment || is_cosign_tag(entry->image.tag)) continue;
    const auto subject = subject_of(*entry, candidates, subjects);
    entry->image.tag = subject ? oci::digest_tag(*subject) + *entry->attachment : "";
    if (subject) renamed.push_back(entry);
  }
  return renamed;
}

// A tag that we made is nobody's if several want it.
void drop_conflicts(const std::vector<LayoutEntry>& entries, const Group& renamed) {
  std::map<Name, std::set<oci::Digest>> wanted;
  for (const LayoutEntry& entry : entries) wanted[name_of(entry)].insert(entry.image.target.digest);
  for (LayoutEntry* entry : renamed)
    if (wanted[name_of(*entry)].size() > 1) entry->image.tag.clear();
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

bool replace_referrer_lists(std::vector<LayoutEntry>& entries, const oci::ManifestList& manifests) {
  bool found = false;
  std::vector<LayoutEntry> replaced;
  for (LayoutEntry& entry : entries) {
    const oci::Manifest& manifest = *manifests.find(entry.image.target.digest);
    if (!is_referrer_list(manifest, entry.image.tag, manifests)) {
      replaced.push_back(std::move(entry));
      continue;
    }
    found = true;
    for (const oci::Descriptor& referrer : manifest.children())
      replaced.push_back(
          {{entry.image.repository, manifests.find(referrer.digest)->descriptor(), {}, {}, {}},
           {}});
  }
  entries = std::move(replaced);
  return found;
}

std::vector<oci::CarriedImage> name_attachments(std::vector<LayoutEntry> entries,
                                                const oci::ManifestList& manifests,
                                                const ReadBlob& read_blob) {
  std::map<Name, Group> groups;
  for (LayoutEntry& entry : entries) groups[name_of(entry)].push_back(&entry);
  Subjects subjects(manifests, read_blob);
  Group renamed;
  for (const auto& [name, group] : groups) {
    if (!name.second.empty()) find_silent_attachments(group, manifests);
    for (LayoutEntry* entry : rename_attachments(group, subjects)) renamed.push_back(entry);
  }
  drop_conflicts(entries, renamed);
  std::vector<oci::CarriedImage> images;
  for (LayoutEntry& entry : entries) images.push_back(std::move(entry.image));
  return images;
}

}  // namespace tote::archive
