// From files to an image in a repository, a layout or an archive; of a bundle with what it names
// too.
#pragma once

#include "bundle/deliver.h"
#include "bundle/image_config.h"
#include "bundle/layer_packer.h"
#include "bundle/owner_rules.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

struct PushRequest {
  PushTarget target;
  bool as_bundle = false;
  std::vector<std::string> files = {};
  std::vector<std::string> exclusions = {".git"};
  Labels labels = {};
  // Of the manifest, which is one of OCI's format then.
  std::map<std::string, std::string> annotations = {};
  Permissions permissions = Permissions::kOwnerOnly;
  std::vector<OwnerRule> owners = {};
  std::optional<ImageSettings> settings = {};  // of an image to be run
  // Other than gzip: the image is one of OCI's format.
  LayerCompression compression = LayerCompression::kGzip;
  std::filesystem::path temporary = "/tmp";  // for layers that are large
  Observer observer = {};
};

// Throws Error{kUsage} for files that are no bundle, or are one and should not be.
// Returns the digest of the image, once it is delivered.
oci::Digest push(const PushRequest& request, const Session& session);

}  // namespace tote::bundle
