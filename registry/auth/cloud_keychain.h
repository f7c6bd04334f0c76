// The keychains of clouds, for those who switch them on: by the credential helpers that the clouds
// ship, and for GitHub by its variables.
#pragma once

#include "base/environment.h"
#include "oci/reference.h"
#include "registry/auth/credential_helper.h"
#include "registry/auth/credentials.h"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

class CloudKeychains {
 public:
  // As IMGPKG_ACTIVE_KEYCHAINS names them ("ecr, github"), in that order; with
  // IMGPKG_ENABLE_IAAS_AUTH "true" all, whatever that says. GitHub's are GITHUB_TOKEN and
  // GITHUB_ACTOR. Throws Error{kUsage} for a name that nobody knows.
  explicit CloudKeychains(Environment environment);

  // nullopt: the registry is none of theirs, or they have nothing. A helper that fails has nothing.
  std::optional<Credentials> find(const oci::Repository& repository, CredentialHelpers& helpers,
                                  const std::stop_token& stop) const;

 private:
  const Environment environment_;
  std::vector<std::string> active_;
};

// What to try when a login fails there; empty: it is no cloud's.
std::string cloud_login_hint(std::string_view registry);

}  // namespace tote::registry
