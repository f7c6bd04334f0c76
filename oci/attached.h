// What is attached to images, as a value: cosign's signatures, attestations and SBOMs under tags
// that name the digest that they are about, and referrers, which name it as their subject.
#pragma once

#include "oci/contents.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

inline constexpr std::string_view kSignatureSuffix = ".sig";
// In which cosign's tags end; the rest of them is digest_tag() of what they are about.
inline constexpr std::array<std::string_view, 3> kAttachmentSuffixes = {kSignatureSuffix, ".att",
                                                                        ".sbom"};

// "sha256-<hex>.sig".
std::string attachment_tag(const Digest& subject, std::string_view suffix);
// The "sha256-<hex>" that such a tag begins with; empty: it is none.
std::string_view subject_tag_of(std::string_view tag) noexcept;

struct Attachment {
  Digest subject;
  Descriptor target;
  std::string tag = {};   // cosign's; empty: it is a referrer
  std::string type = {};  // of a referrer its artifact type, else the media type of its first layer
};

// A referrer, unless it is found by `tag`. REQUIRES: `tag` is not empty, or it has a subject
Attachment describe_attachment(const Manifest& manifest, const Digest& subject, std::string tag);

// Immutable. By what they are attached to.
class AttachedImages {
 public:
  // All of `contents` that are attached to something that it carries too.
  explicit AttachedImages(const Contents& contents);

  // Empty: nothing is.
  const std::vector<Attachment>& of(const Digest& subject) const;
  // Whether an image is there only because of another one: it has no name of its own.
  bool contains(const CarriedImage& image) const;
  // Likewise, and it is found by its subject alone, so that it needs no tag anywhere.
  bool is_referrer(const CarriedImage& image) const;

 private:
  void add(Attachment attachment);

  std::map<Digest, std::vector<Attachment>> by_subject_;
  std::set<Digest> referrers_;
  std::set<std::string> subject_tags_;  // of everything that is carried
};

}  // namespace tote::oci
