// Tokens from the service that a Bearer challenge names (the docker token protocol, and its OAuth 2
// form).
#pragma once

#include "base/clock.h"
#include "registry/auth_challenge.h"
#include "registry/credentials.h"
#include "registry/http.h"
#include "registry/registry_error.h"
#include "registry/scope.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::registry {

struct Token {
  std::string value;
  std::chrono::steady_clock::time_point expires;  // a little before it ends
};

// Where credentials may go that are not encrypted.
enum class PlainText { kNearby, kAnywhere };

// The services of one registry. Thread-safe, as far as the transport and the clock are, which must
// outlive it.
struct TokenServices {
  HttpTransport& transport;
  Clock& clock;
  Bodies bodies = Bodies::kReadable;  // of refusals

  // Asks the challenge's service. Credentials go in plain text to private addresses only, whatever
  // a service is called, but for `reach`. Throws Error{kUnauthorized} for a challenge or an answer
  // that is of no use, RegistryError for a refusal, Error{kTransport}, Cancelled.
  Token fetch(const AuthChallenge& challenge, const Credentials& credentials, const Scopes& scopes,
              PlainText reach, std::stop_token stop) const;
};

// The token of an answer's text, received at `now`: "token", else "access_token"; a lifetime that
// is no positive number counts as none. Throws Error{kParse}, Error{kUnauthorized}.
Token parse_token(std::string_view answer, std::chrono::steady_clock::time_point now);

// The Basic header's value for a user with a password.
std::string basic_authorization(const Credentials& credentials);

}  // namespace tote::registry
