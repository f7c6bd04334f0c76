// The last step of a push: what was made here goes to where it was meant for.
#pragma once

#include "base/task_group.h"
#include "copy/plan.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "oci/store.h"
#include "registry/client.h"

#include <filesystem>
#include <functional>
#include <stop_token>

namespace tote::bundle {

struct PushTarget {
  oci::Reference name;                 // a tag
  std::filesystem::path layout = {};   // an OCI image layout, made or added to, instead of ...
  registry::Client* client = nullptr;  // ... the registry of that name, which is asked by this
};

// What is to be delivered, and where it can be read.
struct PushLoad {
  oci::ManifestPtr root;
  oci::OpenRepository from;
  copy::Plan plan = {};  // its images are the root, under the names that it is to have
  // Which blobs the target's registry may have from where the plan says; empty: all.
  std::function<bool(const oci::Descriptor&)> may_mount = {};
};

// To the repository alone, each image of the plan under its tag.
void write_image(const PushLoad& load, registry::RemoteRepository& remote, ThreadPool& pool,
                 std::stop_token stop);

// A registry has it under the target's tag and its default tag then, a layout under its name.
// What is there already is not sent again.
void deliver(const PushLoad& load, const PushTarget& target, ThreadPool& pool,
             std::stop_token stop);

}  // namespace tote::bundle
