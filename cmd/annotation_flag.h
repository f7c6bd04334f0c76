// --annotation of the commands that make manifests.
#pragma once

#include "cmd/cli/flags.h"

#include <map>
#include <string>

namespace tote::cmd {

// KEY=VALUE, one a use; a value may hold anything, commas and '=' too.
Flag& add_annotations(FlagSet& flags, std::map<std::string, std::string>& annotations,
                      std::string help);

}  // namespace tote::cmd
