// --platform: of the indexes that are copied only the images for some platforms.
#pragma once

#include "base/mutex.h"
#include "copy/manifest_cache.h"
#include "copy/plan.h"
#include "oci/contents.h"
#include "oci/platform_choice.h"

#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace tote::bundle {

// An index that has no image for some of the platforms.
struct MissingPlatforms {
  oci::Digest index;
  std::vector<oci::Platform> platforms;
};

// For one copy.
class PlatformFilter {
 public:
  // `archive`: what the archive holds that is read, which must outlive the filter; null: registries
  // have everything.
  PlatformFilter(oci::PlatformChoice choice, const oci::Contents* archive)
      : choice_(std::move(choice)), archive_(archive) {}

  // For copy::PlanOptions::follows; of any thread. Error{kNotFound} if the index has no image for
  // any of the platforms, or the archive does not carry the one that is chosen.
  std::vector<bool> follow(const oci::Manifest& index);
  // Labels the images of the plan of which something is left out (archive/sparse_image.h).
  void mark(oci::Contents& contents) const;

  // The indexes that have some of the platforms, but not all.
  std::vector<MissingPlatforms> missing() const;

 private:
  oci::PlatformChoice choice_;
  const oci::Contents* archive_;
  mutable Mutex mutex_;
  std::map<oci::Digest, std::vector<oci::Platform>> missing_ TOTE_GUARDED_BY(mutex_);
};

// The child that is the best for a machine, and if it is an index itself what is to be looked at
// next. Error{kNotFound} that names the platforms there are.
const oci::Descriptor& child_for(const oci::Manifest& index, const oci::Platform& machine);

// The image of an index that is the best for a machine, also through further indexes; `manifest`
// itself if it is none. Error as of child_for().
oci::ManifestPtr image_for(oci::ManifestPtr manifest, const oci::Platform& machine,
                           const oci::Repository& repository, copy::ManifestCache& cache,
                           const std::stop_token& stop);

// By which index each was replaced.
using RewrittenIndexes = std::map<oci::Digest, oci::Digest>;
// Replaces indexes of which something is left out by such as name only what is carried; all else
// that they say stays. Images lead to these then.
RewrittenIndexes rewrite_sparse_indexes(oci::Contents& contents);

}  // namespace tote::bundle
