#include "registry/web_file.h"

#include "base/error.h"
#include "base/text.h"
#include "registry/auth/auth_challenge.h"
#include "registry/registry_error.h"
#include "registry/scheme.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::registry {
namespace {

constexpr int kOk = 200;
constexpr int kUnauthorized = 401;

// "host:port", as registries are called.
std::string authority_of(const std::string& url) {
  const std::string origin = transport::origin_of(url);
  std::string authority = origin.substr(origin.find("//") + 2);
  if (origin.starts_with("https:") && authority.ends_with(":443"))
    authority.resize(authority.size() - 4);
  if (origin.starts_with("http:") && authority.ends_with(":80"))
    authority.resize(authority.size() - 3);
  return authority;
}

bool asks_for_password(const transport::Reply& reply) {
  for (const std::string& field : reply.headers("WWW-Authenticate")) {
    const auto challenges = parse_challenges(field);
    if (std::any_of(challenges.begin(), challenges.end(),
                    [](const AuthChallenge& challenge) { return challenge.scheme == "basic"; }))
      return true;
  }
  return false;
}

}  // namespace

std::string WebFiles::fetch(const std::string& url, std::uint64_t limit, LogIn log_in,
                            std::stop_token stop) const {
  if (transport::scheme_of(url) != "https" && !insecure_ && !may_use_plain_http(authority_of(url)))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is not https", transport::redact_url(url)))
        .with_hint("--registry-insecure allows plain http");
  for (Retries retries(retry_, clock_);;) {
    try {
      return fetch_once(url, limit, log_in, stop);
    } catch (Error& failure) {
      retries.wait_or_rethrow(failure, stop);
    }
  }
}

std::string WebFiles::fetch_once(const std::string& url, std::uint64_t limit, LogIn log_in,
                                 const std::stop_token& stop) const {
  transport::Request request{.url = url};
  auto reply = transport_.open(request, stop);
  if (reply->status() == kUnauthorized && log_in == LogIn::kIfAsked) {
    std::string password = authorization(url, *reply, stop);
    if (!password.empty()) {
      request.headers.emplace_back("Authorization", std::move(password));
      request.stays_nearby = transport::scheme_of(url) != "https";
      reply = transport_.open(request, stop);
    }
  }
  if (reply->status() != kOk) throw make_registry_error("GET", *reply, Bodies::kReadable);
  return read_all(*reply, limit, transport::redact_url(url));
}

std::string WebFiles::authorization(const std::string& url, const transport::Reply& refusal,
                                    const std::stop_token& stop) const {
  // Somebody else that it has redirected to.
  if (transport::origin_of(refusal.url()) != transport::origin_of(url)) return {};
  if (!asks_for_password(refusal)) return {};
  const Credentials found = keychain_.find({authority_of(url), "charts"}, stop);
  if (!found.has_basic()) return {};
  return "Basic " + base64_encode(found.username + ":" + found.password);
}

}  // namespace tote::registry
