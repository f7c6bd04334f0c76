// From a registry's challenge and our credentials to an Authorization header: Basic (RFC 7617), or
// Bearer tokens from a token service (the docker token protocol, and its OAuth 2 form).
#pragma once

#include "base/clock.h"
#include "registry/auth_challenge.h"
#include "registry/credentials.h"
#include "registry/http.h"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

// "repository:<path>:<actions>", with actions "pull" or "push,pull".
using Scopes = std::vector<std::string>;

// For one registry. Thread-safe; of threads that want the same token one fetches it.
class Authenticator {
 public:
  Authenticator(HttpTransport& transport, Clock& clock) : transport_(transport), clock_(clock) {}

  // Remembers the first Basic or Bearer challenge; false if there is none.
  bool accept(const std::vector<AuthChallenge>& challenges);

  // The value to send; empty: nothing. Fetches a token if need be.
  std::string authorization(const Credentials& credentials, const Scopes& scopes,
                            std::stop_token stop);
  // The token for these scopes was refused: forget it. False if there was none to forget, so that
  // asking again would change nothing.
  bool forget(const Credentials& credentials, const Scopes& scopes);

 private:
  struct Token {
    std::string value;
    std::chrono::steady_clock::time_point expires;
  };

  Token fetch_token(const Credentials& credentials, const Scopes& scopes, std::stop_token stop);
  HttpRequest token_request(const Credentials& credentials, const Scopes& scopes) const;
  HttpRequest refresh_request(const Credentials& credentials, const Scopes& scopes) const;

  HttpTransport& transport_;
  Clock& clock_;
  std::mutex mutex_;
  AuthChallenge challenge_;              // guarded by mutex_
  std::map<std::string, Token> tokens_;  // by user and scopes; guarded by mutex_
};

}  // namespace tote::registry
