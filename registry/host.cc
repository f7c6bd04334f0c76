#include "registry/host.h"

#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <functional>
#include <thread>

namespace tote::registry {
namespace {

// How long https is alone in the race before plain HTTP starts too.
constexpr std::chrono::milliseconds kHeadStart{300};
// How often one request is authorized anew; each time the registry has to ask for something new.
constexpr int kMaxRounds = 4;

Scopes scopes_of(const RegistryRequest& request, const std::string& repository) {
  Scopes scopes = {fmt::format("repository:{}:{}", repository,
                               request.access == Access::kPush ? "push,pull" : "pull")};
  if (!request.also_pull.empty() && request.also_pull != repository)
    scopes.push_back(fmt::format("repository:{}:pull", request.also_pull));
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

// Two attempts at once, of which the first that succeeds is taken and the other stopped.
class Race {
 public:
  using Attempt = std::function<std::unique_ptr<transport::Reply>(std::stop_token)>;

  // `names_both`: both failures are told, also if one is enough to know.
  explicit Race(bool names_both) : names_both_(names_both) {}

  std::unique_ptr<transport::Reply> run(const Attempt& first, const Attempt& second,
                                        std::stop_token stop) {
    const std::stop_callback forward(stop, [this] {
      for (Runner& runner : runners_) runner.stop.request_stop();
    });
    start(0, first);
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kHeadStart, [this] { return ended_ == 1; });
    }
    if (!has_winner()) start(1, second);
    wait_for_winner();
    if (stop.stop_requested()) throw Cancelled();
    if (!winner_) throw_failures();
    return std::move(winner_);
  }

 private:
  struct Runner {
    std::stop_source stop;
    std::optional<Error> failure = {};  // written by the thread, read after the join
    std::jthread thread;
  };

  void start(std::size_t place, const Attempt& attempt) {
    ++started_;
    runners_[place].thread =
        std::jthread([this, place, attempt] { enter(runners_[place], attempt); });
  }

  // The winner's reply lives on under its own stop token, so only the loser's is used.
  void wait_for_winner() {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return winner_ || ended_ == started_; });
      for (Runner& runner : runners_)
        if (&runner != winning_runner_) runner.stop.request_stop();
    }
    for (Runner& runner : runners_)
      if (runner.thread.joinable()) runner.thread.join();
  }

  void enter(Runner& runner, const Attempt& attempt) {
    std::unique_ptr<transport::Reply> reply;
    try {
      reply = attempt(runner.stop.get_token());
    } catch (const Error& failure) {
      runner.failure = failure;
    } catch (const std::exception& failure) {
      runner.failure = Error(ErrorKind::kTransport, failure.what());
    }
    const std::lock_guard lock(mutex_);
    if (reply && !winner_) {
      winner_ = std::move(reply);
      winning_runner_ = &runner;
    }
    ++ended_;
    changed_.notify_all();
  }

  // In one message; a busy registry's wish for patience is kept.
  [[noreturn]] void throw_failures() const {
    const Error& first = *runners_[0].failure;
    const Error& second = *runners_[1].failure;
    const std::string both = fmt::format("{}; {}", first.message(), second.message());
    for (const Error& answer : {first, second})
      if (answer.kind() != ErrorKind::kTransport && answer.retry() == Retry::kYes)
        throw Error(ErrorKind::kTransport, both, Retry::kYes)
            .with_retry_after(answer.retry_after());
    // A certificate that is not trusted is the reason; that plain http fails as well is none.
    const bool is_enough = !first.hint().empty() && !names_both_;
    throw Error(ErrorKind::kTransport, is_enough ? first.message() : both).with_hint(first.hint());
  }

  bool has_winner() {
    const std::lock_guard lock(mutex_);
    return winner_ != nullptr;
  }

  const bool names_both_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<transport::Reply> winner_;  // guarded by mutex_
  const Runner* winning_runner_ = nullptr;    // guarded by mutex_
  int ended_ = 0;                             // guarded by mutex_
  int started_ = 0;                           // used by the starting thread
  std::array<Runner, 2> runners_;
};

}  // namespace

Host::Host(std::string registry, const HostSettings& settings, transport::Transport& transport,
           const Keychain& keychain, Clock& clock)
    : registry_(std::move(registry)),
      settings_(settings),
      transport_(transport),
      keychain_(keychain),
      clock_(clock),
      authenticator_({transport, clock, [this](const std::string& method, transport::Reply& reply) {
                        throw refusal(method, reply);
                      }}) {}

// An answer other than these two is no registry's by this scheme: a TLS port, asked in plain HTTP,
// says 400.
std::unique_ptr<transport::Reply> Host::probe_scheme(const std::string& scheme,
                                                     std::stop_token stop) {
  std::unique_ptr<transport::Reply> reply = transport_.open(
      {.url = fmt::format("{}://{}/v2/", scheme, registry_), .shows_certificate = true},
      std::move(stop));
  if (reply->status() != 200 && reply->status() != 401) throw refusal("GET", *reply);
  return reply;
}

std::unique_ptr<transport::Reply> Host::probe_both(std::stop_token stop) {
  if (!settings_.insecure && !transport::may_use_plain_http(registry_))
    return probe_scheme("https", stop);
  return Race(settings_.imgpkg_words)
      .run([this](std::stop_token s) { return probe_scheme("https", std::move(s)); },
           [this](std::stop_token s) { return probe_scheme("http", std::move(s)); }, stop);
}

// Finds out, once, by which scheme the registry speaks and how it wants us to authenticate.
void Host::probe(std::stop_token stop) {
  const std::lock_guard lock(probe_mutex_);
  if (probed_) return;
  const std::unique_ptr<transport::Reply> reply =
      while_doing([] { return "Error while preparing a transport to talk with the registry"; },
                  [&] {
                    return while_doing([] { return "Unable to create round tripper"; },
                                       [&] { return probe_both(stop); });
                  });
  // A redirect to another host does not get to say where credentials go.
  const bool is_its_own =
      transport::host_of(reply->url()) == transport::host_of("https://" + registry_);
  if (reply->status() == 401 && (!is_its_own || !authenticator_.accept(challenges_of(*reply))))
    throw refusal("GET", *reply);
  const std::string& url = reply->url();
  base_url_ = fmt::format("{}://{}", transport::scheme_of(url), registry_);
  // What began with TLS does not end in plain text far away.
  if (settings_.insecure && transport::scheme_of(url) == "http")
    authenticator_.set_reach(PlainText::kAnywhere);
  probed_ = true;
}

Credentials Host::credentials(const std::string& repository, const std::stop_token& stop) {
  return credentials_.get(repository, stop, [&] {
    return keychain_.find({registry_, repository}, stop);
  });
}

std::string Host::url_of(const std::string& target) const {
  return target.starts_with('/') ? base_url_ + target : target;
}

transport::Request Host::http_request(const RegistryRequest& request) const {
  transport::Request http{request.method, url_of(request.target), request.headers,
                          request.body,   request.body_source,    request.body_source_size};
  // What comes must be what the digest is of.
  http.headers.emplace_back("Accept-Encoding", "identity");
  return http;
}

// Adds the Authorization field and returns its value. A Location may lead to another host, which
// gets no credentials.
std::string Host::authorize(transport::Request& http, const Credentials& who, const Scopes& scopes,
                            std::stop_token stop) {
  if (!transport::is_same_server(base_url_, http.url)) return {};
  http.shows_certificate = true;
  std::string authorization = authenticator_.authorization(who, scopes, std::move(stop));
  if (authorization.empty()) return {};
  http.headers.emplace_back("Authorization", authorization);
  http.stays_nearby = !settings_.insecure && transport::scheme_of(http.url) == "http";
  return authorization;
}

// Whether a refused request may be let through if it is authorized anew: the token has ended, the
// registry asks only now, or it names scopes that were not asked for. What another host asks for,
// where a redirect or a Location led, is none of our credentials' business.
bool Host::learn(const RegistryRequest& request, const transport::Reply& refusal,
                 const Credentials& who, const Scopes& scopes, const Scopes& asked,
                 const std::string& authorization, int round) {
  const std::vector<AuthChallenge> challenges = challenges_of(refusal);
  const bool is_refused =
      refusal.status() == 401 || (refusal.status() == 403 && wants_more_scope(challenges));
  if (!is_refused || round == kMaxRounds || !transport::is_same_server(base_url_, refusal.url()))
    return false;
  const auto lesson = authenticator_.learn(who, scopes, asked, authorization, challenges);
  const bool accepted = refusal.status() == 403 || authenticator_.accept(challenges);
  if (!accepted) return false;
  if (lesson.scopes_were_added) return true;
  if (refusal.status() == 403 || round > 0) return false;
  return lesson.token_was_forgotten || request.body_source == nullptr;
}

RegistryError Host::refusal(const std::string& method, transport::Reply& reply) const {
  return make_registry_error(method, reply, bodies_of(settings_));
}

std::unique_ptr<transport::Reply> Host::send_once(const RegistryRequest& request,
                                                  const std::string& repository,
                                                  std::stop_token stop) {
  const Credentials who = credentials(repository, stop);
  const Scopes scopes = scopes_of(request, repository);
  for (int round = 0;; ++round) {
    transport::Request http = http_request(request);
    const Scopes asked = authenticator_.widened(scopes);
    const std::string authorization = authorize(http, who, scopes, stop);
    std::unique_ptr<transport::Reply> reply = transport_.open(http, stop);
    const auto& accept = request.accept;
    if (std::find(accept.begin(), accept.end(), reply->status()) != accept.end()) return reply;
    const bool again = learn(request, *reply, who, scopes, asked, authorization, round);
    if (again && request.body_source == nullptr) continue;
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
  else if (who.has_basic())
    failure.with_hint(
        fmt::format("the user '{}' or the password is not accepted, or not for that repository: "
                    "check its name, and whether they are this registry's",
                    who.username));
  else if (who.says_something())
    failure.with_hint("the token that was given is not accepted: it may have ended");
}

std::unique_ptr<transport::Reply> Host::send(const RegistryRequest& request,
                                             const std::string& repository, std::stop_token stop) {
  for (Retries retries(settings_.retry, clock_);;) {
    try {
      probe(stop);
      return send_once(request, repository, stop);
    } catch (Error& failure) {
      explain_refusal(failure, repository, stop);
      if (request.body_source != nullptr) throw;
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
