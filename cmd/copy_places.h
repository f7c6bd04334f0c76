// `copy SOURCE TARGET`, as others spell it: oci:DIRECTORY, docker://IMAGE, oci-archive:FILE, ...
#pragma once

#include "cmd/cli/command.h"
#include "cmd/copy_options.h"
#include "registry/client.h"

namespace tote::cmd {

// Takes both arguments into the options, if they were given. Error{kUsage} for one alone, or beside
// flags that say the same; Error{kParse} for what is no place.
void take_places(CopyOptions& options, const CommandContext& context);

// Whether the image that the first argument names is a bundle, which goes with what it names, is
// for the registry to say. Error as of asking it.
void find_out_what_is_copied(CopyOptions& options, registry::Client& client,
                             const CommandContext& context);

}  // namespace tote::cmd
