#include "registry/host.h"

#include "registry/scheme.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::registry {
namespace {

// How often one request is authorized anew; each time the registry has to ask for something new.
constexpr int kMaxRounds = 4;

Scopes scopes_of(const Terms& terms) {
  if (terms.access == Access::kIdentity) return {};
  if (terms.repository.empty()) return {"registry:catalog:*"};
  Scopes scopes = {fmt::format("repository:{}:{}", terms.repository,
                               terms.access == Access::kPush ? "push,pull" : "pull")};
  if (!terms.also_pull.empty() && terms.also_pull != terms.repository)
    scopes.push_back(fmt::format("repository:{}:pull", terms.also_pull));
  return scopes;
}

std::vector<AuthChallenge> challenges_of(const transport::Reply& reply) {
  std::vector<AuthChallenge> all;
  for (const std::string& field : reply.headers("WWW-Authenticate"))
    for (AuthChallenge& challenge : parse_challenges(field)) all.push_back(std::move(challenge));
  return all;
}

// RFC 6750, 3.1.
bool wants_more_scope(const std::vector<AuthChallenge>& challenges) {
  return std::any_of(challenges.begin(), challenges.end(), [](const AuthChallenge& challenge) {
    return challenge.scheme == "bearer" && challenge.parameter("error") == "insufficient_scope";
  });
}

Bodies bodies_of(const HostSettings& settings) {
  return settings.imgpkg_words ? Bodies::kAsTheyAre : Bodies::kReadable;
}

}  // namespace

Host::Host(std::string registry, const HostSettings& settings, transport::Transport& transport,
           const Keychain& keychain, Clock& clock)
    : registry_(std::move(registry)),
      settings_(settings),
      transport_(transport),
      keychain_(keychain),
      clock_(clock),
      authenticator_({transport, clock,
                      [this](const std::string& method, transport::Reply& reply) {
                        throw refusal(method, reply);
                      }}),
      limiter_({.max_under_way = settings.most_requests,
                .first_under_way = settings.first_requests,
                .max_pause = settings.retry.max_retry_after,
                .least_distance = settings.between_requests},
               clock),
      chunk_size_(settings.chunk_size) {}

// nginx, where nobody has told it otherwise, takes 1 MiB.
bool Host::lower_chunk_size(std::uint64_t size) noexcept {
  constexpr std::array<std::uint64_t, 5> kSizes = {64U << 20U, 16U << 20U, 4U << 20U, 1U << 20U,
                                                   256U << 10U};
  for (const std::uint64_t smaller : kSizes)
    if (smaller < size) {
      chunk_size_ = smaller;
      return true;
    }
  return false;
}

// One exchange, when it is its turn.
std::unique_ptr<transport::Reply> Host::open(const transport::Request& request,
                                             HostLimiter::Weight weight, std::stop_token stop) {
  HostLimiter::Turn turn(limiter_, weight, request.method, stop);
  try {
    std::unique_ptr<transport::Reply> reply = transport_.open(request, std::move(stop));
    turn.answered(reply->status(), reply->retry_after());
    return reply;
  } catch (const Error&) {
    turn.broke();
    throw;
  }
}

// An answer other than these two is no registry's by this scheme: a TLS port, asked in plain HTTP,
// says 400.
std::unique_ptr<transport::Reply> Host::probe_scheme(const std::string& scheme,
                                                     std::stop_token stop) {
  transport::Request request{.url = fmt::format("{}://{}/v2/", scheme, registry_),
                             .shows_certificate = settings_.shows_certificate};
  // Plain text may be asked only because https is slow.
  if (scheme == "https") request.host_headers = settings_.headers;
  std::unique_ptr<transport::Reply> reply =
      open(request, HostLimiter::Weight::kUncounted, std::move(stop));
  if (reply->status() != 200 && reply->status() != 401) throw refusal("GET", *reply);
  return reply;
}

std::unique_ptr<transport::Reply> Host::ask_for_scheme(const std::stop_token& stop) {
  if (!settings_.insecure && !settings_.tries_plain_http && !may_use_plain_http(registry_))
    return probe_scheme("https", stop);
  return ask_by_both_schemes(
      [this](const std::string& scheme, std::stop_token token) {
        return probe_scheme(scheme, std::move(token));
      },
      settings_.imgpkg_words, stop);
}

// Finds out, once, by which scheme the registry speaks and how it wants us to authenticate.
std::string Host::base_url(const std::stop_token& stop) {
  return base_url_.get(stop, [&] { return probe(stop); });
}

std::string Host::probe(const std::stop_token& stop) {
  const std::unique_ptr<transport::Reply> reply =
      while_doing([] { return "Error while preparing a transport to talk with the registry"; },
                  [&] {
                    return while_doing([] { return "Unable to create round tripper"; },
                                       [&] { return ask_for_scheme(stop); });
                  });
  // A redirect to another host does not get to say where credentials go.
  const std::string& url = reply->url();
  const bool is_its_own = transport::host_of(url) == transport::host_of("https://" + registry_);
  if (reply->status() == 401 && (!is_its_own || !authenticator_.accept(challenges_of(*reply))))
    throw refusal("GET", *reply);
  const std::string scheme = transport::scheme_of(url);
  // What began with TLS does not end in plain text far away.
  if (settings_.insecure && scheme == "http") authenticator_.set_reach(PlainText::kAnywhere);
  return fmt::format("{}://{}", scheme, registry_);
}

Credentials Host::credentials(const std::string& repository, const std::stop_token& stop) {
  return credentials_.get(repository, stop, [&] {
    return keychain_.find({registry_, repository}, stop);
  });
}

// What one try to send a request is made of.
struct Host::Attempt {
  const transport::Request& request;
  const std::string base_url;
  const Credentials who;
  const Scopes scopes;
  Scopes asked = {};               // `scopes`, and what refusals have taught
  std::string authorization = {};  // the value that was sent; empty: none
};

// Adds what only the registry gets, and returns the value of the Authorization field. A Location
// may lead to another host, which gets no credentials.
std::string Host::authorize(transport::Request& http, const Attempt& attempt,
                            std::stop_token stop) {
  if (!transport::is_same_server(attempt.base_url, http.url)) return {};
  http.shows_certificate = settings_.shows_certificate;
  http.host_headers = settings_.headers;
  std::string authorization =
      authenticator_.authorization(attempt.who, attempt.scopes, std::move(stop));
  if (!authorization.empty()) http.headers.emplace_back("Authorization", authorization);
  if (!authorization.empty() || !http.host_headers.empty())
    http.stays_nearby = !settings_.insecure && transport::scheme_of(http.url) == "http";
  return authorization;
}

// Whether a refused request may be let through if it is authorized anew: the token has ended, the
// registry asks only now, or it names scopes that were not asked for. What another host asks for,
// where a redirect or a Location led, is none of our credentials' business.
bool Host::learn(const Attempt& attempt, const transport::Reply& refusal, int round) {
  const std::vector<AuthChallenge> challenges = challenges_of(refusal);
  const bool is_refused =
      refusal.status() == 401 || (refusal.status() == 403 && wants_more_scope(challenges));
  if (!is_refused || round == kMaxRounds ||
      !transport::is_same_server(attempt.base_url, refusal.url()))
    return false;
  const auto lesson = authenticator_.learn(attempt.who, attempt.scopes, attempt.asked,
                                           attempt.authorization, challenges);
  const bool accepted = refusal.status() == 403 || authenticator_.accept(challenges);
  if (!accepted) return false;
  if (lesson.scopes_were_added) return true;
  if (refusal.status() == 403 || round > 0) return false;
  return lesson.token_was_forgotten || attempt.request.body.can_be_sent_again();
}

RegistryError Host::refusal(const std::string& method, transport::Reply& reply) const {
  return make_registry_error(method, reply, bodies_of(settings_));
}

std::unique_ptr<transport::Reply> Host::send_once(const transport::Request& request,
                                                  const Terms& terms, std::stop_token stop) {
  Attempt attempt{request, base_url(stop), credentials(terms.repository, stop), scopes_of(terms)};
  const bool is_path = request.url.starts_with('/');
  const auto weight = request.body.can_be_sent_again() ? HostLimiter::Weight::kCounted
                                                       : HostLimiter::Weight::kUncounted;
  for (int round = 0;; ++round) {
    transport::Request http = request;
    if (is_path) http.url = attempt.base_url + request.url;
    // What comes must be what the digest is of.
    http.headers.emplace_back("Accept-Encoding", "identity");
    attempt.asked = authenticator_.widened(attempt.scopes);
    attempt.authorization = authorize(http, attempt, stop);
    std::unique_ptr<transport::Reply> reply = open(http, weight, stop);
    const auto& accept = terms.accept;
    if (std::find(accept.begin(), accept.end(), reply->status()) != accept.end()) return reply;
    const bool again = learn(attempt, *reply, round);
    if (again && request.body.can_be_sent_again()) continue;
    RegistryError refused = refusal(request.method, *reply);
    if (again) refused.try_again();
    throw refused;
  }
}

// Wrong credentials are something else than none.
void Host::explain_refusal(Error& failure, const std::string& repository,
                           const std::stop_token& stop) {
  const auto* answer = dynamic_cast<const RegistryError*>(&failure);
  if (answer == nullptr || answer->status() != 401) return;
  const Credentials who = credentials(repository, stop);
  if (!who.missing_helper.empty())
    failure.with_hint(
        fmt::format("docker-credential-{}, which the docker configuration names, is not in PATH",
                    who.missing_helper));
  else if (who.has_basic() && repository.empty())
    failure.with_hint(fmt::format("the user '{}' or the password is not accepted", who.username));
  else if (who.has_basic())
    failure.with_hint(
        fmt::format("the user '{}' or the password is not accepted, or not for that repository: "
                    "check its name, and whether they are this registry's",
                    who.username));
  else if (who.says_something())
    failure.with_hint("the token that was given is not accepted: it may have ended");
}

// Who has another way takes it at once, or when the registry lets anybody in again: that may take
// a while, and people wonder.
void Host::announce_other_way(const Error& failure) const {
  const std::chrono::milliseconds pause = failure.retry_after().value_or(std::chrono::seconds(0));
  const RetryPolicy& policy = settings_.retry;
  if (failure.retry() == Retry::kYes && pause <= policy.max_retry_after && policy.on_retry)
    policy.on_retry(pause, failure);
}

std::unique_ptr<transport::Reply> Host::send(const transport::Request& request, const Terms& terms,
                                             std::stop_token stop) {
  for (Retries retries(settings_.retry, clock_);;) {
    try {
      return send_once(request, terms, stop);
    } catch (Error& failure) {
      explain_refusal(failure, terms.repository, stop);
      if (terms.is_tried_once) announce_other_way(failure);
      if (terms.is_tried_once || !request.body.can_be_sent_again()) throw;
      retries.wait_or_rethrow(failure, stop);
    }
  }
}

Host::Fetched Host::fetch(const transport::Request& request, const Terms& terms,
                          std::uint64_t limit, std::string_view what, std::stop_token stop) {
  for (Retries retries(settings_.retry, clock_);;) {
    std::unique_ptr<transport::Reply> reply = send(request, terms, stop);
    try {
      std::string body = read_all(*reply, limit, what);
      return {std::move(reply), std::move(body)};
    } catch (Error& failure) {
      retries.wait_or_rethrow(failure, stop);
    }
  }
}

std::unique_ptr<transport::Reply> Host::send_elsewhere(const std::string& url,
                                                       std::stop_token stop) {
  std::unique_ptr<transport::Reply> reply = transport_.open({.url = url}, std::move(stop));
  if (reply->status() != 200) throw refusal("GET", *reply);
  return reply;
}

}  // namespace tote::registry
