// What a bundle is made of, as a value to print: where everything is, and where it was.
#pragma once

#include "base/task_group.h"
#include "bundle/event.h"
#include "copy/manifest_cache.h"
#include "oci/reference.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

enum class ContentKind { kImage, kSignature, kInternal };  // kInternal: a relocation record

struct DescribedImage {
  std::string image;   // where it is; empty if it could not be looked at
  std::string origin;  // how the bundle's lock names it
  std::map<std::string, std::string> annotations = {};
  std::vector<oci::Digest> layers = {};  // of an index those of one of its images
  ContentKind kind = ContentKind::kImage;
  std::string error = {};  // why it could not be looked at
  // These are known if they were asked for.
  std::optional<std::uint64_t> bytes = {};  // of all that it is made of, each once
  std::vector<std::string> platforms = {};  // of an index, of its images
};

// Content by digest; what could not be looked at by its reference.
struct DescribedBundle {
  // At the top it may be nullopt: it is no bundle, but images and bundles side by side.
  std::optional<oci::Digest> digest;
  DescribedImage self;
  std::map<std::string, DescribedBundle> bundles = {};
  std::map<std::string, DescribedImage> images = {};
  // Of all that is described, what several images have once; at the top, if it was asked for.
  std::optional<std::uint64_t> total_bytes = {};
};

struct DescribeOptions {
  bool layers = true;
  bool signatures = true;  // cosign's, by their tags
  // Of which image in an index the layers are; nullopt: of the one that imgpkg takes, for
  // linux/amd64.
  std::optional<oci::Platform> platform = {};
  // Sizes and platforms too, for which all images of indexes are looked at.
  bool measures = false;
  bool goes_by_layers = false;  // as of ResolveOptions
  Observer observer = {};
};

// The bundle and all that it reaches. `check` as of ResolveOptions. Reads manifests, configs and
// the bundles' own layers, no other blob. Throws Error in imgpkg's words, and Error{kParse} above
// 64 MiB or 32 levels, since bundles that name each other twice double at every level.
DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& bundle,
                         const DescribeOptions& options, copy::ManifestCache& cache,
                         ThreadPool& pool, std::stop_token stop,
                         const std::function<void()>& check = {});

// An image or a bundle, and how those who name it call it.
struct DescribedRoot {
  oci::Repository repository;
  oci::ManifestPtr manifest;
  std::string origin;
};

// Several of either kind side by side; what belongs to a bundle is there only.
DescribedBundle describe(const std::vector<DescribedRoot>& roots, const DescribeOptions& options,
                         copy::ManifestCache& cache, ThreadPool& pool, std::stop_token stop);

}  // namespace tote::bundle
