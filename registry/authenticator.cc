#include "registry/authenticator.h"

#include "base/json.h"
#include "base/text.h"
#include "registry/registry_error.h"
#include "registry/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::registry {
namespace {

constexpr std::uint64_t kMaxTokenAnswer = 1U << 20U;
// The token protocol's default; tokens are renewed a little before they end.
constexpr std::chrono::seconds kDefaultLife{60};
constexpr std::chrono::seconds kMargin{10};

std::string basic(const Credentials& credentials) {
  return "Basic " + base64_encode(credentials.username + ":" + credentials.password);
}

std::string join(const Scopes& scopes, char separator) {
  std::string out;
  for (const std::string& scope : scopes)
    out += (out.empty() ? "" : std::string(1, separator)) + scope;
  return out;
}

std::string token_key(const Credentials& credentials, const Scopes& scopes) {
  return fmt::format("{}\n{}\n{}\n{}", credentials.username, credentials.password,
                     credentials.identity_token, join(scopes, ' '));
}

// Credentials go to a token service in the open only on this machine or in a private network. What
// its name says is no proof of that.
HttpRequest request_to_realm(std::string method, const std::string& realm, bool with_credentials) {
  const bool is_plain = origin_of(realm).starts_with("http://");  // throws for what is no URL
  return {.method = std::move(method),
          .url = realm,
          .is_secret = true,
          .shows_certificate = true,
          .stays_nearby = is_plain && with_credentials};
}

// Printable and in one piece: it becomes part of a header.
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, percent_encode(value));
  return out;
}

}  // namespace

bool Authenticator::accept(const std::vector<AuthChallenge>& challenges) {
  const auto known = std::find_if(challenges.begin(), challenges.end(), [](const auto& challenge) {
    return challenge.scheme == "basic" || challenge.scheme == "bearer";
  });
  if (known == challenges.end()) return false;
  const std::lock_guard lock(mutex_);
  challenge_ = *known;
  return true;
}

std::string Authenticator::authorization(const Credentials& credentials, const Scopes& scopes,
                                         std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  if (challenge_.scheme.empty()) return {};
  if (!credentials.registry_token.empty()) return "Bearer " + credentials.registry_token;
  if (challenge_.scheme == "basic") return credentials.has_basic() ? basic(credentials) : "";
  Token& token = tokens_[token_key(credentials, scopes)];
  if (token.value.empty() || clock_.now() >= token.expires)
    token = fetch_token(credentials, scopes, std::move(stop));
  return "Bearer " + token.value;
}

bool Authenticator::forget(const Credentials& credentials, const Scopes& scopes) {
  const std::lock_guard lock(mutex_);
  return tokens_.erase(token_key(credentials, scopes)) > 0;
}

HttpRequest Authenticator::token_request(const Credentials& credentials,
                                         const Scopes& scopes) const {
  HttpRequest request =
      request_to_realm("GET", challenge_.parameter("realm"), credentials.has_basic());
  for (const std::string& scope : scopes) request.url = with_parameter(request.url, "scope", scope);
  if (const std::string service = challenge_.parameter("service"); !service.empty())
    request.url = with_parameter(request.url, "service", service);
  if (credentials.has_basic()) request.headers.emplace_back("Authorization", basic(credentials));
  return request;
}

HttpRequest Authenticator::refresh_request(const Credentials& credentials,
                                           const Scopes& scopes) const {
  HttpRequest request = request_to_realm("POST", challenge_.parameter("realm"), true);
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = form({{"client_id", "tote"},
                       {"grant_type", "refresh_token"},
                       {"refresh_token", credentials.identity_token},
                       {"scope", join(scopes, ' ')},
                       {"service", challenge_.parameter("service")}});
  return request;
}

Authenticator::Token Authenticator::fetch_token(const Credentials& credentials,
                                                const Scopes& scopes, std::stop_token stop) {
  if (challenge_.parameter("realm").empty())
    throw Error(ErrorKind::kUnauthorized, "the registry's Bearer challenge names no realm");
  HttpRequest request;
  std::unique_ptr<HttpReply> reply;
  if (!credentials.identity_token.empty()) {
    request = refresh_request(credentials, scopes);
    reply = transport_.open(request, stop);
  }
  // A service without the OAuth 2 form answers 404.
  if (!reply || reply->status() == 404) {
    request = token_request(credentials, scopes);
    reply = transport_.open(request, std::move(stop));
  }
  if (reply->status() != 200) throw make_registry_error(request.method, *reply);
  const Json answer =
      Json::parse(read_all(*reply, kMaxTokenAnswer, "token"), "token service's answer");
  Token token;
  token.value = answer.string_or("token", "");
  if (token.value.empty()) token.value = answer.at("access_token").string();
  if (!is_token(token.value))
    throw Error(ErrorKind::kUnauthorized, fmt::format("{} {}: the answer holds no usable token",
                                                      request.method, redact_url(request.url)));
  const auto life = answer.find("expires_in");
  const std::chrono::seconds lasts =
      life ? std::chrono::seconds(std::min<std::uint64_t>(life->number(), 86'400)) : kDefaultLife;
  token.expires = clock_.now() + std::max(lasts - kMargin, lasts / 2);
  return token;
}

}  // namespace tote::registry
