// Who we are to a registry.
#pragma once

#include <string>

namespace tote::registry {

// At most one way is used: registry_token, else identity_token, else username and password. All
// empty: anonymous. Never printed.
struct Credentials {
  std::string username = {};
  std::string password = {};
  std::string identity_token = {};  // an OAuth 2 refresh token: exchanged at the token service
  std::string registry_token = {};  // sent as it is, as a bearer token
  // A credential helper that should have been asked but is not installed: for a hint.
  std::string missing_helper = {};

  bool has_basic() const noexcept { return !username.empty() && !password.empty(); }
  bool says_something() const noexcept {
    return !username.empty() || !identity_token.empty() || !registry_token.empty();
  }
};

}  // namespace tote::registry
