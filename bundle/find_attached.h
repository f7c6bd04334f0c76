// Finding what is attached to images (oci/attached.h), in a registry or in an archive.
#pragma once

#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "copy/plan.h"
#include "oci/attached.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// How deep attachments may be nested, and how many there may be.
inline constexpr std::size_t kMaxAttachedNesting = 8;
inline constexpr std::size_t kMaxAttachments = 100'000;

// What a copy takes along.
struct WantedAttachments {
  bool signatures = false;              // as imgpkg: cosign's `.sig` tags of the images themselves
  bool cosign = false;                  // all that cosign makes, of everything that is carried
  bool everything = false;              // whatever is attached to what is carried
  std::vector<std::string> types = {};  // of these types alone (oci::Attachment::type)

  // Whether it is about more than imgpkg knows of.
  bool is_own() const { return cosign || everything || !types.empty(); }
  bool include(const oci::Attachment& attachment) const;
};

// Whether cosign 3 keeps signatures and attestations in what has this artifact type.
bool is_sigstore_bundle(std::string_view artifact_type);

struct FoundByTag {
  oci::ManifestPtr manifest = {};  // null: there is none
  bool denied = false;             // the registry does not say whether there is one (403)
};
// Cosign's, of an image in `repository`. Throws Error for anything but an answer.
FoundByTag find_by_tag(const oci::Repository& repository, const oci::Digest& image,
                       std::string_view suffix, copy::ManifestCache& cache, std::stop_token stop);
// The referrers of an image in `repository`, as they say themselves. `artifact_type`: as of
// oci::ImageReader::find_referrers(). Throws Error, also for one that is listed but not there.
std::vector<oci::ManifestPtr> find_referrers(const oci::Repository& repository,
                                             const oci::Digest& image,
                                             std::string_view artifact_type,
                                             copy::ManifestCache& cache,
                                             const std::stop_token& stop);

// Adds the signatures of the images, as imgpkg does it.
void add_signatures(std::vector<oci::CarriedImage>& images, copy::ManifestCache& cache,
                    const Session& session);

// What was found and is not wanted. Of what nobody was asked for nothing is known.
struct LeftBehind {
  std::size_t attachments = 0;
  std::size_t images = 0;  // to which they are attached
};

// How much is attached to one image, as its registry says; nothing where it does not say.
LeftBehind count_attached(const oci::Repository& repository, const oci::Digest& image,
                          copy::ManifestCache& cache, const Session& session);

struct AttachedPlan {
  copy::Plan plan;
  LeftBehind left_behind;
};
using PlanImages = std::function<copy::Plan(std::vector<oci::CarriedImage>)>;
// Plans the images with what is attached to them, to the children of indexes, and to what is
// attached. Error{kParse} where attachments are nested more than 8 deep, or are over 100,000.
AttachedPlan plan_with_attached(std::vector<oci::CarriedImage> images,
                                const WantedAttachments& wanted, const PlanImages& plan,
                                copy::ManifestCache& cache, const Session& session);

}  // namespace tote::bundle
