// IMGPKG_REGISTRY_HOSTNAME, _USERNAME, _PASSWORD, _IDENTITY_TOKEN, _REGISTRY_TOKEN, each with an
// optional _<suffix> that groups them into entries.
#pragma once

#include "base/environment.h"
#include "oci/reference.h"
#include "registry/auth/credentials.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

struct RegistryEnvEntry {
  std::string host;  // labels may be shell globs: "*.corp.io"
  std::string port;
  std::string path;  // a prefix of "/repository"
  Credentials credentials;

  bool matches(const oci::Repository& repository) const;
};

// Most specific first: in reverse alphabetical order of host and path.
// Error{kUsage} for a variable of that prefix that is none of the above.
std::vector<RegistryEnvEntry> parse_registry_environment(const Environment& environment);

}  // namespace tote::registry
