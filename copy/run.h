// The second phase of a copy: moving what the plan says.
#pragma once

#include "base/clock.h"
#include "base/retry.h"
#include "base/task_group.h"
#include "copy/plan.h"
#include "oci/store.h"

#include <functional>
#include <stop_token>
#include <string>

namespace tote::copy {

enum class BlobOutcome { kCopied, kMounted, kAlreadyThere };

struct RunOptions {
  // The name under which a root image is pushed; empty: by digest.
  std::function<std::string(const oci::CarriedImage&)> tag_of = {};
  // What the blob transfers of one copy have in common; called from the pool's threads.
  std::function<void(const oci::Descriptor&, BlobOutcome)> on_blob = {};
  RetryPolicy retry = {};
  Clock* clock = &system_clock();
  // Which blobs may be mounted from the place in the plan; empty: all.
  std::function<bool(const oci::Descriptor&)> may_mount = {};
};

// Blobs in parallel on `pool`, the largest first; then manifests, children before their indexes.
// Images that `to` has completely are left alone. A blob transfer that breaks is continued from
// where the far side is. Nothing but generated names is tagged: telling the world is the caller's
// last act, so a copy that fails leaves no tag on half an image.
void run_copy(const Plan& plan, const oci::OpenRepository& from, oci::ImageWriter& to,
              ThreadPool& pool, const RunOptions& options, std::stop_token stop);

}  // namespace tote::copy
