#include "testregistry/access/token.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "testregistry/values/random_name.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace tote::testregistry {
namespace {

constexpr std::size_t kMaxToken = 16 * 1024;
constexpr const char* kIssuer = "tote";
constexpr const char* kHeader = R"({"alg":"HS256","typ":"JWT"})";

// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  text.resize(std::min(text.find('='), text.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> from_base64url(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return base64_decode(text);
}

JsonWriter& add_access(JsonWriter& json, std::string_view type, const std::string& name,
                       const std::vector<std::string>& actions) {
  json.begin_object().member("type", type).member("name", name).member("actions", actions);
  return json.end_object();
}

void add_access_list(JsonWriter& json, const TokenClaims& claims) {
  json.key("access").begin_array();
  for (const auto& [repository, actions] : claims.access)
    add_access(json, "repository", repository, split(actions.str(), ','));
  if (claims.may_list) add_access(json, "registry", "catalog", {"*"});
  json.end_array();
}

std::uint64_t seconds_of(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

TokenClaims read_claims(const Json& json) {
  TokenClaims claims;
  if (const std::string user = json.string_or("sub", ""); !user.empty()) claims.user = user;
  claims.mark = json.string_or("mark", "");
  claims.is_refresh = json.string_or("use", "") == "refresh";
  for (const Json& item : json.items_of("access")) {
    if (item.at("type").string() == "registry") {
      claims.may_list = true;
      continue;
    }
    Actions& actions = claims.access[item.at("name").string()];
    for (const Json& word : item.items_of("actions"))
      actions = actions | parse_actions(word.string());
  }
  return claims;
}

}  // namespace

TokenSigner::TokenSigner(std::string key) : key_(std::move(key)) {
  if (key_.empty()) key_ = random_name() + random_name();
}

std::string TokenSigner::signature(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(),
           &size) == nullptr)
    throw Error(ErrorKind::kInternal, "HMAC failed");
  return base64url({reinterpret_cast<const char*>(mac.data()), size});
}

std::string TokenSigner::sign(const TokenClaims& claims, WallTime now,
                              std::chrono::seconds lifetime) const {
  JsonWriter json;
  json.begin_object()
      .member("iss", kIssuer)
      .member("aud", kIssuer)
      .member("sub", claims.user.value_or(""))
      .member("iat", seconds_of(now))
      .member("nbf", seconds_of(now))
      .member("exp", seconds_of(now + lifetime))
      .member("jti", random_name())
      .member_unless_empty("mark", claims.mark);
  if (claims.is_refresh) json.member("use", "refresh");
  add_access_list(json, claims);
  const std::string body = json.end_object().take();
  const std::string text = base64url(kHeader) + "." + base64url(body);
  return text + "." + signature(text);
}

std::optional<TokenClaims> TokenSigner::verify(std::string_view token, WallTime now) const {
  const std::size_t end = token.rfind('.');
  if (token.size() > kMaxToken || end == std::string_view::npos) return std::nullopt;
  const std::string wanted = signature(token.substr(0, end));
  const std::string_view got = token.substr(end + 1);
  if (got.size() != wanted.size() || CRYPTO_memcmp(got.data(), wanted.data(), got.size()) != 0)
    return std::nullopt;
  const std::vector<std::string> parts = split(token.substr(0, end), '.');
  const auto body = parts.size() == 2 ? from_base64url(parts[1]) : std::nullopt;
  if (!body) return std::nullopt;
  try {
    const Json json = Json::parse(*body, "token");
    const std::uint64_t time = seconds_of(now);
    if (json.at("nbf").number() > time || json.at("exp").number() <= time) return std::nullopt;
    return read_claims(json);
  } catch (const Error&) {
    return std::nullopt;  // somebody else has the key, and other ideas of a token
  }
}

}  // namespace tote::testregistry
