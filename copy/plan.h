// The first phase of a copy: deciding everything, moving nothing.
#pragma once

#include "base/task_group.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::copy {

enum class NonDistributable { kSkip, kInclude };

// An image with layers that its vendor does not let others hand on.
struct RestrictedImage {
  oci::Repository repository;
  oci::Digest manifest;
  std::vector<oci::Digest> layers;
};

// A value: can be printed, compared, counted. The order of everything in it depends on its content
// alone, never on timing.
struct Plan {
  oci::Contents contents;
  std::vector<RestrictedImage> restricted;  // whether or not their layers are carried
  std::uint64_t total_bytes = 0;            // of layers and configs
};

struct PlanOptions {
  NonDistributable non_distributable = NonDistributable::kSkip;
  // imgpkg's words for a manifest that is not there: it must be Docker's schema 1. Else: which
  // index names what.
  bool guess_schema1 = false;
  // Which children of an index are carried; empty: all. On the caller's thread.
  std::function<std::vector<bool>(const oci::Manifest& index)> follows = {};
};

// Follows manifests from the roots: index to children, image to config and layers. Reads manifests
// and small configs only, on `pool`. `images` become Contents::images, sorted. Throws Error that
// begins "Collecting packaging metadata: Working with REF".
Plan plan_copy(std::vector<oci::CarriedImage> images, ManifestCache& cache,
               const PlanOptions& options, ThreadPool& pool, std::stop_token stop);

}  // namespace tote::copy
