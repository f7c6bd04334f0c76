// IMGPKG_REGISTRY_HOSTNAME, _USERNAME, _PASSWORD, _IDENTITY_TOKEN, _REGISTRY_TOKEN, each with an
// optional _<suffix> that groups them into entries.
#pragma once

#include "oci/reference.h"
#include "registry/auth/credentials.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::registry {

struct RegistryEnvEntry {
  std::string host;  // labels may be shell globs: "*.corp.io"
  std::string port;
  std::string path;  // a prefix of "/repository"
  Credentials credentials;

  bool matches(const oci::Repository& repository) const;
};

// From "NAME=value" pairs, most specific first: in reverse alphabetical order of host and path.
// Error{kUsage} for a variable of that prefix that is none of the above.
std::vector<RegistryEnvEntry> parse_registry_environment(
    const std::vector<std::pair<std::string, std::string>>& variables);
std::vector<RegistryEnvEntry> read_registry_environment();

}  // namespace tote::registry
