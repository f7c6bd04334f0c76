// A working copy brought up to a version of its upstream, with what has changed here.
#pragma once

#include "bundle/event.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "bundle/working_copy/argument.h"
#include "bundle/working_copy/merge_trees.h"
#include "bundle/working_copy/upstream_file.h"
#include "registry/client.h"

#include <optional>
#include <string>
#include <vector>

namespace tote::bundle::working_copy {

struct UpdateRequest {
  DirectoryArgument what;
  std::optional<Strategy> strategy = {};  // nullopt: as upstream.yml says
  bool is_trial = false;                  // nothing in the directory is changed
  SignaturePolicy policy = {};
  Observer observer = {};
};

struct Updated {
  oci::Reference image;  // that is followed now
  oci::Digest before;
  oci::Digest after;
  bool was_finished = false;             // an earlier one that had been broken off
  bool follows_another = false;          // another tag or digest than before
  MergedTree tree = {};                  // with all working copies in it that were updated too
  std::vector<std::string> nested = {};  // which these are

  bool is_up_to_date() const {
    return before == after && tree.changes.empty() && tree.obstacles.empty() && !follows_another;
  }
};

// Conflicts are no failure: they are marked in the files. Error for what stands in the way, unless
// it is a trial: the directory is as it was then. Error, Cancelled.
Updated update(const UpdateRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle::working_copy
