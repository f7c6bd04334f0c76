// Help, in the layout of Go's cobra.
#pragma once

#include "cmd/cli/command.h"

#include <string>

namespace tote::cmd {

// "tote registry serve [flags] [-- COMMAND]".
std::string usage_line(const Command& command, const std::string& path);

std::string help_text(const Command& command, const std::string& path, const FlagSet& global_flags);

}  // namespace tote::cmd
