// Where credentials come from.
#pragma once

#include "base/environment.h"
#include "oci/reference.h"
#include "registry/auth/cloud_keychain.h"
#include "registry/auth/credential_helper.h"
#include "registry/auth/credentials.h"
#include "registry/auth/registry_env.h"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

struct KeychainOptions {
  // Flags, or the IMGPKG_USERNAME, _PASSWORD, _TOKEN, _ANON variables in their place.
  std::string username = {};
  std::string password = {};
  std::string token = {};
  bool anonymous = false;
  // Nothing that is for all registries: of a mirror that nobody has named on the command line.
  bool by_name_only = false;
  // Gets what credential helpers write to stderr, whole lines; any thread.
  std::function<void(std::string_view)> say = {};
};

// The first of these that has something for a repository decides: IMGPKG_REGISTRY_* variables, the
// keychains of clouds that are switched on, the options (user, else token, else anonymous), the
// docker configuration. Thread-safe.
class Keychain {
 public:
  // Throws Error{kUsage} for an IMGPKG_REGISTRY_ variable or a cloud that nobody knows.
  Keychain(KeychainOptions options, const Environment& environment);
  Keychain(const Keychain&) = delete;
  Keychain& operator=(const Keychain&) = delete;

  // May run a credential helper, until `stop`. Error{kUnauthorized} that begins "Unable retrieve
  // credentials for registry" when the configuration is broken or the helper fails.
  Credentials find(const oci::Repository& repository, std::stop_token stop) const;

 private:
  KeychainOptions options_;
  const Environment environment_;
  std::vector<RegistryEnvEntry> entries_;
  CloudKeychains clouds_;
  mutable CredentialHelpers helpers_;
};

}  // namespace tote::registry
