// What a copy begins with: the images that its source names, before their manifests are followed.
#pragma once

#include "archive/archive.h"
#include "bundle/images_lock.h"
#include "bundle/session.h"
#include "bundle/transfer_source.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"

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
  bool is_named = false;              // the first is an image of a registry that was asked for
};

// Reads through `cache`; `archive` is what a FromArchive source has opened, else null. Throws
// Error in imgpkg's words.
Selection select_images(const TransferSource& source, const archive::Archive* archive,
                        copy::ManifestCache& cache, const Session& session);

}  // namespace tote::bundle
