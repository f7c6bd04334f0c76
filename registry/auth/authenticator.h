// From a registry's challenge and our credentials to an Authorization header: Basic (RFC 7617), or
// Bearer tokens from a token service (token_service.h).
#pragma once

#include "base/mutex.h"
#include "base/once_map.h"
#include "registry/auth/auth_challenge.h"
#include "registry/auth/credentials.h"
#include "registry/auth/scope.h"
#include "registry/auth/token_service.h"

#include <atomic>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

// For one registry. Thread-safe; of threads that want the same token one fetches it, and nobody
// waits for the token of others.
class Authenticator {
 public:
  explicit Authenticator(const TokenServices& services) : services_(services) {}

  // Remembers the Basic and Bearer challenges; false if there is none.
  bool accept(const std::vector<AuthChallenge>& challenges);

  // From now on tokens are fetched from services that lie there.
  void set_reach(PlainText reach) { reach_ = reach; }

  // The value to send; empty: nothing. Fetches a token if need be.
  std::string authorization(const Credentials& credentials, const Scopes& scopes,
                            std::stop_token stop);

  // The scopes that authorization() asks for: `scopes`, and what refusals have taught.
  Scopes widened(const Scopes& scopes);

  // What a refusal of a request for `scopes` teaches, which was sent with the value
  // `authorization`, for the scopes `asked`: that its token is of no use any more, and that more
  // scopes are needed than were asked for, whether they are new or another thread has learned them.
  struct Lesson {
    bool token_was_forgotten = false;
    bool scopes_were_added = false;
  };
  Lesson learn(const Credentials& credentials, const Scopes& scopes, const Scopes& asked,
               const std::string& authorization, const std::vector<AuthChallenge>& challenges);

 private:
  AuthChallenge choose(const Credentials& credentials);

  const TokenServices services_;
  std::atomic<PlainText> reach_ = PlainText::kNearby;
  Mutex mutex_;
  std::vector<AuthChallenge> challenges_ TOTE_GUARDED_BY(mutex_);  // Basic and Bearer
  // What registries wanted beside what was asked for, by that.
  std::map<Scopes, Scopes> added_ TOTE_GUARDED_BY(mutex_);
  OnceMap<std::string, Token> tokens_;  // by user and scopes
};

}  // namespace tote::registry
