// --platform of the commands that may choose among the images of an index.
#pragma once

#include "cmd/cli/flags.h"
#include "oci/platform_choice.h"

#include <string>

namespace tote::cmd {

// One or several, taken into `choice`.
void add_platforms(FlagSet& flags, oci::PlatformChoice& choice, std::string help);

}  // namespace tote::cmd
