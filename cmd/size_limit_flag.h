// --max-size of the commands that copy between repositories.
#pragma once

#include "bundle/size_limit.h"
#include "cmd/cli/flags.h"

#include <string>

namespace tote::cmd {

// "0", "-1" (any), "512MiB"; `limit` holds the default. `flags` must not outlive it.
Flag& add_size_limit(FlagSet& flags, bundle::SizeLimit& limit, std::string help);

}  // namespace tote::cmd
