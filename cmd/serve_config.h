// From the flags of `registry serve` to the registry that they ask for.
#pragma once

#include "cmd/serve_options.h"
#include "testregistry/registry_config.h"

namespace tote::cmd {

// Reads the files of rules and keys. `log` must outlive the registry. Throws Error{kUsage} for
// flags that contradict each other or are no values, and what reading the files throws.
testregistry::RegistryConfig registry_config(const ServeOptions& options, Log& log);

}  // namespace tote::cmd
