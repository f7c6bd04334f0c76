#include "bundle/images_beside.h"

#include "base/error.h"

#include <atomic>
#include <utility>

namespace tote::bundle {
namespace {

bool has_image(const oci::Repository& repository, const LockedImage& image,
               copy::ManifestCache& cache, const std::stop_token& stop) {
  try {
    return cache.places()(repository).resolve(image.digest().str(), stop).has_value();
  } catch (const Error& error) {
    if (!error.is_denied()) throw;
    return false;
  }
}

}  // namespace

bool are_images_beside(const oci::Repository& repository, const ImagesLock& lock,
                       copy::ManifestCache& cache, ThreadPool& pool, std::stop_token stop) {
  std::atomic<bool> all = true;
  TaskGroup group(pool, std::move(stop));
  for (const LockedImage& image : lock.images)
    group.run([&](std::stop_token token) {
      if (all && !has_image(repository, image, cache, token)) all = false;
    });
  group.wait();
  return all;
}

}  // namespace tote::bundle
