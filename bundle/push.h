// From files to an image in a repository or a layout.
#pragma once

#include "base/task_group.h"
#include "bundle/built_image.h"
#include "bundle/deliver.h"
#include "bundle/layer_packer.h"
#include "bundle/owner_rules.h"
#include "registry/client.h"

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

struct PushRequest {
  PushTarget target;
  bool as_bundle = false;
  std::vector<std::string> files = {};
  std::vector<std::string> exclusions = {".git"};
  Labels labels = {};
  Permissions permissions = Permissions::kOwnerOnly;
  std::vector<OwnerRule> owners = {};
  std::optional<ImageSettings> settings = {};         // of an image to be run
  std::function<void(const PushFile&)> on_file = {};  // before it is packed
};

// Throws Error{kUsage} for files that are no bundle, or are one and should not be.
// Returns the digest of the image, once it is delivered.
oci::Digest push(const PushRequest& request, ThreadPool& pool, std::stop_token stop);

// Uploads a built image under those tags; what is there already is not sent again.
void push_image(BuiltImage& image, const oci::Repository& repository,
                const std::vector<std::string>& tags, registry::Client& client, ThreadPool& pool,
                std::stop_token stop);

}  // namespace tote::bundle
