// --strategy of the commands that are about working copies.
#pragma once

#include "bundle/working_copy/upstream_file.h"
#include "cmd/cli/flags.h"

#include <functional>
#include <string>

namespace tote::cmd {

// Error{kUsage} for what is none. `take` is not called without one.
void add_strategy(FlagSet& flags, const std::string& help,
                  std::function<void(bundle::working_copy::Strategy)> take);

}  // namespace tote::cmd
