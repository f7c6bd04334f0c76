// push without -b and -i: a directory goes back to where it came from.
#pragma once

#include "bundle/working_copy/upstream_file.h"
#include "oci/reference.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::cmd {

struct OriginPush {
  std::filesystem::path directory;
  oci::Reference target;   // a tag
  bool is_bundle = false;  // it has a lock of images
  bundle::working_copy::UpstreamFile record = {};

  // What the directory is a copy of from now on.
  void remember(const oci::Digest& digest) const;
};

// `arguments`: none, or DIR[@VERSION], which has to be in the working directory. `origin`: "" for
// what is recorded in it. Error{kUsage} if that says nothing, or names no tag.
OriginPush plan_origin_push(const std::vector<std::string>& arguments, const std::string& origin,
                            bool increment);

}  // namespace tote::cmd
