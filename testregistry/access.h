// Authentication and authorization in front of a registry: Basic (RFC 7617), or Bearer (RFC 6750)
// with tokens of its own, given out as the token specification of docker's registry says.
#pragma once

#include "testregistry/access_rules.h"
#include "testregistry/handler.h"
#include "testregistry/htpasswd.h"
#include "testregistry/route.h"
#include "testregistry/token.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tote::testregistry {

// kBasic: the challenge that every client understands, but with which Docker's clients do not push
// to a registry that lets everybody read. kToken: Bearer; right passwords are taken as well.
enum class AuthScheme { kBasic, kToken };

struct AccessOptions {
  AccessRules rules;
  AuthScheme scheme = AuthScheme::kBasic;
  bool is_tls = false;  // for the URL of the token service, with the host that the client asked
  std::chrono::seconds token_lifetime{300};
  std::string token_key = {};  // empty: a random one
  std::function<WallTime()> now = std::chrono::system_clock::now;
};

// What a request wants. Made from its route and method.
struct Wanted {
  std::string repository = {};  // empty: no one repository
  Actions actions = {};
  bool list = false;  // of the repositories
};
Wanted wanted_by(const Route& route, std::string_view method);

class Access final : public Handler {
 public:
  // `inner` and `users` must outlive it.
  Access(Handler& inner, Users& users, AccessOptions options);

  std::optional<Response> answer_now(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  class PostToken;

  // Who asks, and what they may do.
  struct Caller {
    bool has_credentials = false;
    std::optional<std::string> user = {};    // nullopt: nobody
    std::optional<TokenClaims> claims = {};  // with a token, what it is good for
  };
  enum class Speed { kQuick, kAny };
  // nullopt: wrong credentials, or, quickly, not known.
  std::optional<Caller> identify(const RequestHead& head, Speed speed);
  bool may_read_source(const Caller& caller, std::string_view from) const;
  bool allows(const Caller& caller, const Wanted& wanted) const;
  // nullopt: go on.
  std::optional<Response> refusal(const RequestHead& head, const std::optional<Caller>& caller,
                                  const Wanted& wanted) const;
  Response challenge(const RequestHead& head, const Wanted& wanted, std::string_view error) const;

  Begun token_endpoint(const RequestHead& head);
  Response give_token(const RequestHead& request, const std::optional<std::string>& user) const;

  Handler& inner_;
  Users& users_;
  AccessOptions options_;
  TokenSigner signer_;
};

}  // namespace tote::testregistry
