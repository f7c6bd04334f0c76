// The reference part of docs/commands.md, made from the commands themselves.
#pragma once

#include "cmd/cli/command.h"

#include <string>

namespace tote::cmd {

// Markdown: a table of commands; for each command how it is called, what its flags are and what
// they say of each other, what --json gives, what it may end with; the flags that several share.
// The same on every machine.
std::string reference_page(const Command& root, const FlagSet& global_flags);

}  // namespace tote::cmd
