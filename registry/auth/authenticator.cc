#include "registry/auth/authenticator.h"

#include "base/mutex.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::registry {
namespace {

constexpr std::size_t kMaxAddedScopes = 16;

std::string token_key(const Credentials& credentials, const Scopes& scopes) {
  return fmt::format("{}\n{}\n{}\n{}", credentials.username, credentials.password,
                     credentials.identity_token, join(scopes));
}

bool is_usable(const AuthChallenge& challenge, const Credentials& credentials) {
  return challenge.scheme == "basic" ? credentials.has_basic()
                                     : !challenge.parameter("realm").empty();
}

}  // namespace

bool Authenticator::accept(const std::vector<AuthChallenge>& challenges) {
  std::vector<AuthChallenge> known;
  std::copy_if(challenges.begin(), challenges.end(), std::back_inserter(known),
               [](const AuthChallenge& challenge) {
                 return challenge.scheme == "basic" || challenge.scheme == "bearer";
               });
  if (known.empty()) return false;
  const Lock lock(mutex_);
  challenges_ = std::move(known);
  return true;
}

// The first that we can answer: without a password Basic is none. If there is none, the first.
AuthChallenge Authenticator::choose(const Credentials& credentials) {
  const Lock lock(mutex_);
  if (challenges_.empty()) return {};
  const auto usable = std::find_if(
      challenges_.begin(), challenges_.end(),
      [&](const AuthChallenge& challenge) { return is_usable(challenge, credentials); });
  return usable == challenges_.end() ? challenges_.front() : *usable;
}

// In front, as imgpkg does.
Scopes Authenticator::widened(const Scopes& scopes) {
  const Lock lock(mutex_);
  const auto added = added_.find(scopes);
  if (added == added_.end()) return scopes;
  Scopes all = added->second;
  all.insert(all.end(), scopes.begin(), scopes.end());
  return all;
}

std::string Authenticator::authorization(const Credentials& credentials, const Scopes& scopes,
                                         std::stop_token stop) {
  const AuthChallenge challenge = choose(credentials);
  if (challenge.scheme.empty()) return {};
  if (!credentials.registry_token.empty()) return "Bearer " + credentials.registry_token;
  if (challenge.scheme == "basic")
    return credentials.has_basic() ? basic_authorization(credentials) : "";
  const Scopes all = widened(scopes);
  const Token token = tokens_.get(
      token_key(credentials, all), stop,
      [&] { return services_.fetch(challenge, credentials, all, reach_, stop); },
      [&](const Token& known) { return services_.clock.now() < known.expires; });
  return "Bearer " + token.value;
}

Authenticator::Lesson Authenticator::learn(const Credentials& credentials, const Scopes& scopes,
                                           const Scopes& asked, const std::string& authorization,
                                           const std::vector<AuthChallenge>& challenges) {
  Lesson lesson;
  tokens_.forget_if(token_key(credentials, asked),
                    [&](const Token& token) { return "Bearer " + token.value == authorization; });
  // Also if another thread, which was refused with the same token, was here before.
  lesson.token_was_forgotten =
      credentials.registry_token.empty() && authorization.starts_with("Bearer ");
  const Lock lock(mutex_);
  for (const AuthChallenge& challenge : challenges)
    for (const std::string& scope : parse_scopes(challenge.parameter("scope"))) {
      Scopes& added = added_[scopes];
      if (cover(asked, scope)) continue;
      if (!cover(added, scope)) {
        if (added.size() == kMaxAddedScopes) continue;
        added.push_back(scope);
      }
      lesson.scopes_were_added = true;
    }
  return lesson;
}

}  // namespace tote::registry
