// The list of a registry's repositories (Docker's "HTTP API V2", "Listing Repositories"; the OCI
// distribution specification has none).
#pragma once

#include "registry/host.h"

#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

// Their paths, each once, in the registry's order. RegistryError, with a hint, where a registry
// keeps no such list or does not show it; Error{kRegistry} as of read_pages().
std::vector<std::string> list_repositories(Host& host, const std::stop_token& stop);

}  // namespace tote::registry
