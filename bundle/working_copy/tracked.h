// What a working copy follows, and the working copies in it that follow the same.
#pragma once

#include "bundle/working_copy/upstream_file.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::bundle::working_copy {

struct Tracked {
  std::string prefix;  // where it lies in the outermost one; "" for that itself
  UpstreamFile file;
  // Of its upstream, or where it has none of its origin.
  oci::Reference image;
  std::string directory = {};
  oci::Digest digest;
  Strategy strategy = Strategy::kMerge;

  // The record once it follows this.
  UpstreamFile with(const oci::Reference& new_image, const oci::Digest& new_digest) const;
};

// A working copy's path, without links. Error{kUsage} if it is no directory.
std::filesystem::path working_copy_path(const std::filesystem::path& directory);

// Error{kUsage} if nobody has written down where the directory came from.
Tracked load_tracked(const std::filesystem::path& directory);
// That, and those in it, however deep, whose upstream is the same version of the same image.
std::vector<Tracked> load_all_tracked(const std::filesystem::path& directory);

}  // namespace tote::bundle::working_copy
