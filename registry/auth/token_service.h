// Tokens from the service that a Bearer challenge names (the docker token protocol, and its OAuth 2
// form).
#pragma once

#include "base/clock.h"
#include "registry/auth/auth_challenge.h"
#include "registry/auth/credentials.h"
#include "registry/auth/scope.h"
#include "transport/http.h"

#include <chrono>
#include <functional>
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
  transport::Transport& transport;
  Clock& clock;
  // Throws the error that a service's answer to a request of that method is.
  std::function<void(const std::string& method, transport::Reply& refusal)> refuse;

  // Asks the challenge's service. Credentials go in plain text to private addresses only, whatever
  // a service is called, but for `reach`. Throws Error{kUnauthorized} for a challenge or an answer
  // that is of no use, what `refuse` throws for a refusal, Error{kTransport}, Cancelled.
  Token fetch(const AuthChallenge& challenge, const Credentials& credentials, const Scopes& scopes,
              PlainText reach, std::stop_token stop) const;
};

// The token of an answer's text, received at `now`: "token", else "access_token"; a lifetime that
// is no positive number counts as none. Throws Error{kParse}, Error{kUnauthorized}.
Token parse_token(std::string_view answer, std::chrono::steady_clock::time_point now);

// The Basic header's value for a user with a password.
std::string basic_authorization(const Credentials& credentials);

}  // namespace tote::registry
