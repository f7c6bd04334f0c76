// Whether the images of a bundle are where the bundle is.
#pragma once

#include "base/task_group.h"
#include "bundle/images_lock.h"
#include "copy/manifest_cache.h"

#include <stop_token>

namespace tote::bundle {

// Whether `repository` has every image of the lock, by digest; one that we may not ask for counts
// as not there. Error, Cancelled.
bool are_images_beside(const oci::Repository& repository, const ImagesLock& lock,
                       copy::ManifestCache& cache, ThreadPool& pool, std::stop_token stop);

}  // namespace tote::bundle
