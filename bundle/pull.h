// From an image in a repository to files.
#pragma once

#include "base/task_group.h"
#include "bundle/event.h"
#include "bundle/layer_unpacker.h"
#include "bundle/output_directory.h"
#include "copy/manifest_cache.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace tote::bundle {

enum class PullKind { kImage, kBundle };

struct PullRequest {
  oci::Reference source;
  PullKind kind = PullKind::kBundle;
  bool check_kind = true;  // refuse a bundle pulled as an image
  bool recursive = false;  // nested bundles too, into .imgpkg/bundles/
  std::filesystem::path output;
  std::filesystem::path home = {};  // is not to be lost (resolve_output())
  Replaces replaces = Replaces::kOwn;
  Observer observer = {};
  // With kImage: of the image this directory, or this file under its own name, instead of all.
  std::string sub_path = {};
  // Called with the directory when everything is in it, before anybody sees it.
  std::function<void(const std::filesystem::path&)> prepare = {};
};

// Replaces the output directory when everything is there and verified; before that, and on any
// failure, it is as it was. The images lock is rewritten where the bundle's repository has every
// image. Throws Error in imgpkg's words. Returns what was left out of the layers.
LeftOut pull(const PullRequest& request, copy::ManifestCache& cache, ThreadPool& pool,
             std::stop_token stop);

}  // namespace tote::bundle
