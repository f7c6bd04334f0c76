// From names of images to a lock: which digest each has now.
#pragma once

#include "bundle/discover/combine.h"
#include "bundle/images_lock.h"
#include "bundle/relocated_name.h"
#include "bundle/session.h"
#include "oci/platform_choice.h"
#include "registry/client.h"

#include <map>
#include <string>
#include <vector>

namespace tote::bundle {

struct LockOptions {
  oci::PlatformChoice platform = {};           // one: of an index its image is locked
  std::vector<std::string> tag_fallback = {};  // tried where an image does not have its tag
  bool allow_missing = false;                  // what no registry has is left out
  bool allow_digest_mismatch = false;          // a declared digest counts, whatever its tag says
  ImagesLock before = {};                      // to see which tags have moved
};

struct LockedNames {
  ImagesLock lock = {};  // sorted by image, then by name
  // Those that are locked, under the names that they were found by.
  std::vector<discover::CombinedImage> images = {};
  discover::Report report = {};  // tag-fallback, not-found, digest-mismatch, moved-tag
};

// Asks for the candidates of each image in their order, for many images at a time. What is not
// found, and a tag that leads elsewhere than the digest declared with it, are errors of the report,
// unless the options allow them. Throws Error that names the image where a registry does not
// answer.
LockedNames lock_images(std::vector<discover::CombinedImage> images, registry::Client& client,
                        const LockOptions& options, const Session& session);

// Error{kNotFound, kDigestMismatch} that tells all errors of the report.
void refuse_errors(const discover::Report& report);

// By reference, then by name. Two names of one image are two entries; what was found twice by one
// name is one.
void sort_unique(std::vector<LockedImage>& images);

// As registries call it: Docker Hub's is index.docker.io.
oci::Repository repository_of(const discover::ImageName& name);

}  // namespace tote::bundle
