// The flags by which archives are cut into volumes.
#pragma once

#include "archive/archive_writer.h"
#include "cmd/cli/flags.h"

namespace tote::cmd {

// --parity, and the size of volumes under `size_name`, which is returned, into `split`, which must
// outlive the set.
Flag& add_split_flags(FlagSet& flags, archive::SplitOptions& split, const char* size_name,
                      const char* size_help);

}  // namespace tote::cmd
