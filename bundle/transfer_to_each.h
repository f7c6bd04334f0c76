// One source, several repositories: read once, each with its own fate.
#pragma once

#include "bundle/transfer.h"

#include <optional>
#include <vector>

namespace tote::bundle {

struct Arrival {
  RepositoryTarget target;
  std::optional<TransferResult> result = {};  // nothing: it failed
  std::optional<Error> failure = {};
};

// transfer() to all of them at once, in their order. What is read from registries is read once for
// all. One that fails does not hinder the others. The observer hears of all of them. Cancelled.
std::vector<Arrival> transfer_to_each(const TransferSource& source,
                                      const std::vector<RepositoryTarget>& targets,
                                      const TransferOptions& options, registry::Client& client,
                                      const Session& session);

}  // namespace tote::bundle
