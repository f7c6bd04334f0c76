#include "registry/auth/token_service.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace tote::registry {
namespace {

constexpr std::uint64_t kMaxTokenAnswer = 1U << 20U;
// The token protocol's default; tokens are renewed a little before they end.
constexpr std::chrono::seconds kDefaultLife{60};
constexpr std::chrono::seconds kLongestLife{86'400};
constexpr std::chrono::seconds kMargin{10};

// Printable and in one piece: it becomes part of a header.
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::chrono::seconds life_of(const Json& answer) {
  const auto given = answer.find("expires_in");
  const std::string text = given ? given->text() : std::string();
  double seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size() || seconds <= 0)
    return kDefaultLife;
  if (seconds >= static_cast<double>(kLongestLife.count())) return kLongestLife;
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(seconds));
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, percent_encode(value));
  return out;
}

// Credentials go to a token service in the open only on this machine or in a private network,
// unless the user has said otherwise. What its name says is no proof of that.
transport::Request request_to_realm(std::string method, const AuthChallenge& challenge,
                                    bool with_credentials) {
  std::string realm = challenge.parameter("realm");
  const bool is_plain =
      transport::origin_of(realm).starts_with("http://");  // throws for what is no URL
  return {.method = std::move(method),
          .url = std::move(realm),
          .is_secret = true,
          .shows_certificate = true,
          .stays_nearby = is_plain && with_credentials};
}

transport::Request token_request(const AuthChallenge& challenge, const Credentials& credentials,
                                 const Scopes& scopes) {
  transport::Request request = request_to_realm("GET", challenge, credentials.has_basic());
  for (const std::string& scope : scopes)
    request.url = transport::with_parameter(request.url, "scope", scope);
  if (const std::string service = challenge.parameter("service"); !service.empty())
    request.url = transport::with_parameter(request.url, "service", service);
  if (credentials.has_basic())
    request.headers.emplace_back("Authorization", basic_authorization(credentials));
  return request;
}

std::string refresh_form(const AuthChallenge& challenge, const Credentials& credentials,
                         const Scopes& scopes) {
  return form({{"client_id", "tote"},
               {"grant_type", "refresh_token"},
               {"refresh_token", credentials.identity_token},
               {"scope", join(scopes)},
               {"service", challenge.parameter("service")}});
}

// `form` has to outlive it.
transport::Request refresh_request(const AuthChallenge& challenge, const std::string& form) {
  transport::Request request = request_to_realm("POST", challenge, true);
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = transport::Body(form);
  return request;
}

}  // namespace

std::string basic_authorization(const Credentials& credentials) {
  return "Basic " + base64_encode(credentials.username + ":" + credentials.password);
}

Token parse_token(std::string_view text, std::chrono::steady_clock::time_point now) {
  const Json answer = Json::parse(text, "the token service's answer");
  std::string value = answer.string_or("token", "");
  if (value.empty()) value = answer.string_or("access_token", "");
  if (!is_token(value)) throw Error(ErrorKind::kUnauthorized, "the answer holds no usable token");
  const std::chrono::seconds life = life_of(answer);
  return {std::move(value), now + std::max(life - kMargin, life / 2)};
}

Token TokenServices::fetch(const AuthChallenge& challenge, const Credentials& credentials,
                           const Scopes& scopes, PlainText reach, std::stop_token stop) const {
  if (challenge.parameter("realm").empty())
    throw Error(ErrorKind::kUnauthorized, "the registry's Bearer challenge names no realm");
  transport::Request request;
  std::unique_ptr<transport::Reply> reply;
  const auto ask = [&](transport::Request asked) {
    request = std::move(asked);
    if (reach == PlainText::kAnywhere) request.stays_nearby = false;
    reply = transport.open(request, stop);
  };
  const std::string form = refresh_form(challenge, credentials, scopes);
  if (!credentials.identity_token.empty()) ask(refresh_request(challenge, form));
  // A service without the OAuth 2 form answers 404.
  if (!reply || reply->status() == 404) ask(token_request(challenge, credentials, scopes));
  if (reply->status() != 200) refuse(request.method, *reply);
  return while_doing(
      [&] { return fmt::format("{} {}", request.method, transport::redact_url(request.url)); },
      [&] { return parse_token(read_all(*reply, kMaxTokenAnswer, "token"), clock.now()); });
}

}  // namespace tote::registry
