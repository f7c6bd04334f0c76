// --image (-i), which tote's users may leave away: `tote tag list IMAGE`.
#pragma once

#include "cmd/cli/command.h"

#include <string>

namespace tote::cmd {

// The argument of a command that has one in place of the flag.
Argument image_argument();
// Either of them. Error{kUsage} if both were given.
const std::string& image_of(const std::string& flag, const CommandContext& context);

}  // namespace tote::cmd
