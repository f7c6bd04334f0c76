// Authentication and authorization in front of a registry: Basic (RFC 7617), or Bearer (RFC 6750)
// with tokens of its own, given out as the token specification of docker's registry says.
#pragma once

#include "testregistry/access/access_options.h"
#include "testregistry/access/htpasswd.h"
#include "testregistry/access/token.h"
#include "testregistry/api/route.h"
#include "testregistry/http/filter.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace tote::testregistry {

// What a request wants. Made from its route and method.
struct Wanted {
  std::string repository = {};  // empty: no one repository
  Actions actions = {};
  bool list = false;  // of the repositories
};
Wanted wanted_by(const Route& route, std::string_view method);

class Access final : public HandlerFilter {
 public:
  // `inner` and `users` must outlive it.
  Access(Handler& inner, Users& users, AccessOptions options);

  // Passwords and tokens that were wrong, so far.
  std::uint64_t refused_logins() const { return refused_logins_; }

  std::optional<Response> answer_now(const RequestHead& head) override;
  Lane lane(const RequestHead& head) override;
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
  bool is_still_good(const TokenClaims& claims) const;
  bool may_read_source(const Caller& caller, std::string_view from) const;
  bool allows(const Caller& caller, const Wanted& wanted) const;
  // nullopt: go on.
  std::optional<Response> refusal(const RequestHead& head, const std::optional<Caller>& caller,
                                  const Wanted& wanted) const;
  Response challenge(const RequestHead& head, const Wanted& wanted, std::string_view error) const;

  Begun token_endpoint(const RequestHead& head);
  Response give_token(const RequestHead& request, const std::optional<std::string>& user) const;

  Users& users_;
  AccessOptions options_;
  TokenSigner signer_;
  std::atomic<std::uint64_t> refused_logins_ = 0;
};

}  // namespace tote::testregistry
