#include "oci/attached.h"

#include "oci/referrer.h"

#include <algorithm>
#include <utility>

namespace tote::oci {

std::string attachment_tag(const Digest& subject, std::string_view suffix) {
  return digest_tag(subject).append(suffix);
}

std::string_view subject_tag_of(std::string_view tag) noexcept {
  if (!tag.starts_with("sha256-") && !tag.starts_with("sha512-")) return {};
  for (const std::string_view suffix : kAttachmentSuffixes)
    if (tag.ends_with(suffix)) return tag.substr(0, tag.size() - suffix.size());
  return {};
}

Attachment describe_attachment(const Manifest& manifest, const Digest& subject, std::string tag) {
  std::string type;
  if (tag.empty())
    type = artifact_type_of(manifest);
  else if (!manifest.layers().empty())
    type = manifest.layers().front().media_type;
  return {subject, manifest.descriptor(), std::move(tag), std::move(type)};
}

AttachedImages::AttachedImages(const Contents& contents) {
  std::map<std::string, Digest> subjects;
  for (const ManifestPtr& manifest : contents.manifests) {
    const std::string tag = digest_tag(manifest->digest());
    subjects.emplace(tag, manifest->digest());
    subject_tags_.insert(tag);
    if (manifest->subject() && contents.find_manifest(manifest->subject()->digest))
      add(describe_attachment(*manifest, manifest->subject()->digest, {}));
  }
  for (const CarriedImage& image : contents.images) {
    const auto subject = subjects.find(std::string(subject_tag_of(image.tag)));
    if (subject != subjects.end())
      add(describe_attachment(*contents.find_manifest(image.target.digest), subject->second,
                              image.tag));
  }
}

void AttachedImages::add(Attachment attachment) {
  if (attachment.tag.empty()) referrers_.insert(attachment.target.digest);
  by_subject_[attachment.subject].push_back(std::move(attachment));
}

const std::vector<Attachment>& AttachedImages::of(const Digest& subject) const {
  static const std::vector<Attachment> kNone;
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? kNone : found->second;
}

bool AttachedImages::contains(const CarriedImage& image) const {
  return is_referrer(image) || subject_tags_.contains(std::string(subject_tag_of(image.tag)));
}

bool AttachedImages::is_referrer(const CarriedImage& image) const {
  return image.tag.empty() && referrers_.contains(image.target.digest);
}

}  // namespace tote::oci
