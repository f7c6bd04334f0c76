// Where the tags that people look at lead before a copy to a repository, and after it.
#pragma once

#include "bundle/repository_work.h"
#include "bundle/transfer_plan.h"

#include <vector>

namespace tote::bundle {

// Those of the repository, then those of the other places.
std::vector<PlannedTag> planned_tags(const RepositoryWork& work);

// Error{kUsage} that lists those that lead somewhere else now; for --no-overwrite-tags.
void refuse_moving_tags(const RepositoryWork& work, const oci::Repository& repository);

}  // namespace tote::bundle
