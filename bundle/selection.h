// What a copy begins with: the images that its source names, before their manifests are followed.
#pragma once

#include "base/task_group.h"
#include "bundle/images_lock.h"
#include "bundle/transfer.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"

#include <stop_token>
#include <vector>

namespace tote::bundle {

// A bundle with the images that it names itself, as its relocation record lists them.
struct BundleRecord {
  oci::Digest bundle;
  ImagesLock lock;
};

// The roots of a copy, before their manifests are followed.
struct Selection {
  std::vector<oci::CarriedImage> images;
  std::vector<BundleRecord> bundles;  // to get a relocation record
};

// Reads through `cache`; `archive` is what a FromArchive source has opened, else null. Throws
// Error in imgpkg's words.
Selection select_images(const TransferSource& source, const archive::ArchiveReader* archive,
                        copy::ManifestCache& cache, ThreadPool& pool, std::stop_token stop);

// Adds cosign's signatures of the images, with the tags that cosign looks for.
void add_signatures(std::vector<oci::CarriedImage>& images, copy::ManifestCache& cache,
                    ThreadPool& pool, std::stop_token stop);

}  // namespace tote::bundle
