// Doing the work that a survey has found: the last phase of a copy.
#pragma once

#include "base/clock.h"
#include "base/retry.h"
#include "base/task_group.h"
#include "copy/event.h"
#include "copy/failures.h"
#include "copy/work.h"
#include "oci/store.h"

#include <stop_token>

namespace tote::copy {

// Of which the transfer takes longer than the requests around it; in bytes.
inline constexpr std::uint64_t kLargeBlob = 1U << 20U;

struct ExecuteOptions {
  Observer observer = {};
  RetryPolicy retry = {};
  Clock* clock = &system_clock();
  // Null: the first failure ends all. Else what fails goes here, and the rest goes on: manifests
  // that lack something are not pushed.
  Failures* failures = nullptr;
  // Large blobs that move at a time; below that twelve, if these are not more, and of those below
  // 64 KiB, for which nearly all of the time is waiting, as many as the pool has threads.
  std::size_t streams = 5;
};

// Blobs in parallel on `pool`; then manifests, children before their indexes. A blob transfer that
// breaks is continued from where the far side is. Nothing but the names of the survey is tagged:
// telling the world is the caller's last act, so a copy that fails leaves no tag on half an image.
// Throws Error that begins "Copying blob 'REF'" or "Pushing manifest 'DIGEST'"; Cancelled.
void execute(const Work& work, const oci::OpenRepository& from, oci::ImageWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop);

// The same for a place that holds manifests as it holds blobs.
void execute(const Work& work, const oci::OpenRepository& from, oci::BlobWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop);

}  // namespace tote::copy
