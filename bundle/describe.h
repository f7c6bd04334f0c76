// What a bundle is made of, as a value to print: where everything is, and where it was.
#pragma once

#include "base/task_group.h"
#include "bundle/event.h"
#include "copy/manifest_cache.h"
#include "oci/reference.h"

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

enum class ContentKind { kImage, kSignature, kInternal };  // kInternal: a relocation record

struct DescribedImage {
  std::string image;   // where it is; empty if it could not be looked at
  std::string origin;  // how the bundle's lock names it
  std::map<std::string, std::string> annotations = {};
  std::vector<oci::Digest> layers = {};  // of an index those of its linux/amd64 image
  ContentKind kind = ContentKind::kImage;
  std::string error = {};  // why it could not be looked at
};

// Content by digest; what could not be looked at by its reference.
struct DescribedBundle {
  oci::Digest digest;
  DescribedImage self;
  std::map<std::string, DescribedBundle> bundles = {};
  std::map<std::string, DescribedImage> images = {};
};

struct DescribeOptions {
  bool layers = true;
  bool signatures = true;  // cosign's, by their tags
  Observer observer = {};
};

// The bundle and all that it reaches. Reads manifests, configs and the bundles' own layers, no
// other blob. Throws Error in imgpkg's words, and Error{kParse} above 64 MiB or 32 levels, since
// bundles that name each other twice double at every level.
DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& bundle,
                         const DescribeOptions& options, copy::ManifestCache& cache,
                         ThreadPool& pool, std::stop_token stop);

}  // namespace tote::bundle
