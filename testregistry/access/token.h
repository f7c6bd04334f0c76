// The registry's own bearer tokens: JSON web tokens (RFC 7519) signed with HMAC-SHA-256, with the
// claims of the token specification of docker's registry.
#pragma once

#include "testregistry/access/access_rules.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tote::testregistry {

struct TokenClaims {
  std::optional<std::string> user;        // nullopt: nobody
  std::map<std::string, Actions> access;  // by repository
  bool may_list = false;                  // the repositories
  // Of the user when the token was given out (htpasswd.h): it ends with that.
  std::string mark = {};
  bool is_refresh = false;  // good for nothing but a new token
};

using WallTime = std::chrono::system_clock::time_point;

// Thread-safe.
class TokenSigner {
 public:
  // `key`: secret bytes; empty: random ones, so that tokens end with the process.
  explicit TokenSigner(std::string key = {});

  std::string sign(const TokenClaims& claims, WallTime now, std::chrono::seconds lifetime) const;
  // nullopt: not ours, changed, not valid yet, or no longer. Untrusted.
  std::optional<TokenClaims> verify(std::string_view token, WallTime now) const;

 private:
  std::string signature(std::string_view text) const;
  std::string key_;
};

}  // namespace tote::testregistry
