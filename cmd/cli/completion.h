// Completion scripts for shells, made from the commands themselves.
#pragma once

#include "cmd/cli/command.h"

#include <string>

namespace tote::cmd {

// Commands, flags, and files where neither is meant. zsh is bash's by its bashcompinit.
std::string bash_completion(const Command& root, const FlagSet& global_flags);
std::string zsh_completion(const Command& root, const FlagSet& global_flags);
std::string fish_completion(const Command& root, const FlagSet& global_flags);

}  // namespace tote::cmd
