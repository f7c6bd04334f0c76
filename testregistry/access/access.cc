#include "testregistry/access/access.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "testregistry/http/forwarded.h"
#include "testregistry/http/request_target.h"
#include "testregistry/values/names.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

constexpr std::string_view kTokenPath = "/token";
constexpr std::string_view kBearer = "Bearer ";
constexpr const char* kService = "tote";
constexpr std::size_t kMaxForm = 64 * 1024;
constexpr std::size_t kMaxScopes = 32;  // in one token
constexpr std::chrono::hours kRefreshLifetime{24 * 30};

std::optional<std::string_view> bearer_of(std::string_view authorization) {
  if (authorization.size() < kBearer.size() ||
      !equal_ignoring_case(authorization.substr(0, kBearer.size()), kBearer))
    return std::nullopt;
  return trim(authorization.substr(kBearer.size()));
}

// "repository:team/app:pull,push"
std::string scope_of(const Wanted& wanted) {
  if (wanted.list) return "registry:catalog:*";
  if (wanted.repository.empty()) return {};
  Actions actions = wanted.actions;
  actions.pull |= actions.push;  // who pushes asks what is there
  return fmt::format("repository:{}:{}", wanted.repository, actions.str());
}

// Scopes are told apart by blanks, or given one by one.
std::vector<std::string> scopes_of(const RequestHead& request) {
  std::vector<std::string> scopes;
  for (const auto& [name, value] : request.query)
    if (name == "scope")
      for (const std::string& scope : split(value, ' '))
        if (!scope.empty() && scopes.size() < kMaxScopes) scopes.push_back(scope);
  return scopes;
}

// What `rules` let the user have of what a scope asks for.
void grant(const AccessRules& rules, const std::string& scope, TokenClaims& claims) {
  if (scope == "registry:catalog:*") {
    claims.may_list = rules.may_list(claims.user);
    return;
  }
  const std::size_t first = scope.find(':');
  const std::size_t last = scope.rfind(':');
  if (first == std::string::npos || first == last || scope.substr(0, first) != "repository") return;
  const std::string repository = scope.substr(first + 1, last - first - 1);
  if (!is_repository_name(repository)) return;
  const Actions actions =
      parse_actions(scope.substr(last + 1)) & rules.allowed(claims.user, repository);
  if (actions.any()) claims.access[repository] = claims.access[repository] | actions;
}

Response form_too_large() {
  return error_response(413, "SIZE_INVALID",
                        fmt::format("The form is over the limit of {} bytes", kMaxForm));
}

// application/x-www-form-urlencoded, as a query.
NameValues parse_form(std::string_view text) {
  std::string query = "/?";
  for (const char c : text)
    if (c == '+')
      query += "%20";
    else
      query += c;
  RequestHead parsed;
  if (!parse_target(query, parsed)) return {};
  return parsed.query;
}

// A blob of a repository that the caller may not read is not mounted but uploaded.
RequestHead without_mount(const RequestHead& head) {
  RequestHead changed = head;
  std::erase_if(changed.query, [](const auto& parameter) {
    return parameter.first == "mount" || parameter.first == "from";
  });
  return changed;
}

// As the client sees us; what could not stand in a URL is no host.
std::string public_url_of(const RequestHead& head) {
  const std::string_view host =
      head.forwarded_host.empty() ? head.header("Host").value_or("") : head.forwarded_host;
  return fmt::format("{}://{}", head.scheme, is_host(host) ? host : "localhost");
}

bool is_read(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

}  // namespace

Wanted wanted_by(const Route& route, std::string_view method) {
  Wanted wanted;
  wanted.repository = route.repository;
  switch (route.endpoint) {
    case Endpoint::kNone:
    case Endpoint::kInvalidName:
    case Endpoint::kBase:
      break;
    case Endpoint::kCatalog:
      wanted.list = true;
      break;
    case Endpoint::kUploads:
    case Endpoint::kUpload:
      wanted.actions.push = true;
      break;
    default:
      if (is_read(method))
        wanted.actions.pull = true;
      else if (method == "DELETE")
        wanted.actions.remove = true;
      else
        wanted.actions.push = true;
  }
  return wanted;
}

Access::Access(Handler& inner, Users& users, AccessOptions options)
    : HandlerFilter(inner),
      users_(users),
      options_(std::move(options)),
      signer_(options_.token_key) {}

// A user who has gone, or has another password, takes the tokens along.
bool Access::is_still_good(const TokenClaims& claims) const {
  return !claims.user || (!claims.mark.empty() && users_.mark(*claims.user) == claims.mark);
}

std::optional<Access::Caller> Access::identify(const RequestHead& head, Speed speed) {
  const std::optional<std::string_view> authorization = head.header("Authorization");
  if (!authorization) return Caller{};
  if (const auto token = bearer_of(*authorization)) {
    std::optional<TokenClaims> claims;
    if (options_.scheme == AuthScheme::kToken) claims = signer_.verify(*token, options_.now());
    if (!claims || claims->is_refresh || !is_still_good(*claims)) return std::nullopt;
    std::optional<std::string> user = claims->user;
    return Caller{true, std::move(user), std::move(claims)};
  }
  std::optional<std::string> user =
      speed == Speed::kQuick ? users_.find_known(*authorization) : users_.find(*authorization);
  if (!user) return std::nullopt;
  return Caller{true, std::move(user)};
}

bool Access::allows(const Caller& caller, const Wanted& wanted) const {
  if (wanted.list)
    return caller.claims ? caller.claims->may_list : options_.rules.may_list(caller.user);
  // The base says who may come at all: with tokens, whoever has one, so that clients learn where
  // they are had.
  if (wanted.repository.empty())
    return caller.has_credentials ||
           (options_.scheme == AuthScheme::kBasic && options_.rules.knows_anonymous());
  if (!caller.claims)
    return wanted.actions.within(options_.rules.allowed(caller.user, wanted.repository));
  const auto granted = caller.claims->access.find(wanted.repository);
  return granted != caller.claims->access.end() && wanted.actions.within(granted->second);
}

Response Access::challenge(const RequestHead& head, const Wanted& wanted,
                           std::string_view error) const {
  Response response = unauthorized("Basic realm=\"tote\"");
  if (options_.scheme == AuthScheme::kToken) {
    std::string bearer =
        fmt::format("Bearer realm=\"{}{}\",service=\"{}\"",
                    options_.public_url.empty() ? public_url_of(head) : options_.public_url,
                    kTokenPath, kService);
    if (const std::string scope = scope_of(wanted); !scope.empty())
      bearer += fmt::format(",scope=\"{}\"", scope);
    if (!error.empty()) bearer += fmt::format(",error=\"{}\"", error);
    response = unauthorized(bearer);
  }
  response.headers.emplace_back("Docker-Distribution-API-Version", "registry/2.0");
  return response;
}

std::optional<Response> Access::refusal(const RequestHead& head,
                                        const std::optional<Caller>& caller,
                                        const Wanted& wanted) const {
  if (!caller) {
    const bool had_token = bearer_of(head.header("Authorization").value_or("")).has_value();
    return challenge(head, wanted, had_token ? "invalid_token" : "");
  }
  if (allows(*caller, wanted)) return std::nullopt;
  if (caller->claims) return challenge(head, wanted, "insufficient_scope");
  if (!caller->user) return challenge(head, wanted, "");
  return denied("requested access to the resource is denied");
}

std::optional<Response> Access::answer_now(const RequestHead& head) {
  const Route route = parse_route(head.path);
  if (!is_read(head.method) || route.endpoint == Endpoint::kNone || !users_.is_current())
    return std::nullopt;
  const std::optional<Caller> caller = identify(head, Speed::kQuick);
  if (!caller) return std::nullopt;
  if (auto refused = refusal(head, caller, wanted_by(route, head.method))) return refused;
  std::optional<Response> response = inner().answer_now(head);
  if (response && caller->user) response->user = *caller->user;
  return response;
}

// A password that was right before is known; any other has to be hashed.
Lane Access::lane(const RequestHead& head) {
  const std::optional<std::string_view> authorization = head.header("Authorization");
  const bool has_password = authorization && !bearer_of(*authorization);
  if (has_password && !users_.find_known(*authorization)) return Lane::kPasswords;
  return inner().lane(head);
}

// Of a mount. From anywhere means from where the caller might have to ask for leave.
bool Access::may_read_source(const Caller& caller, std::string_view from) const {
  if (from.empty()) return !caller.claims && options_.rules.may_list(caller.user);
  return allows(caller, {std::string(from), {true, false, false}});
}

Begun Access::begin(const RequestHead& head) {
  users_.refresh();
  if (options_.scheme == AuthScheme::kToken && head.path == kTokenPath) return token_endpoint(head);
  const Route route = parse_route(head.path);
  const std::optional<Caller> caller = identify(head, Speed::kAny);
  if (!caller) ++refused_logins_;
  if (auto refused = refusal(head, caller, wanted_by(route, head.method)))
    return *std::move(refused);
  const bool may_mount = route.endpoint != Endpoint::kUploads || !head.parameter("mount") ||
                         may_read_source(*caller, head.parameter("from").value_or(""));
  Begun begun = inner().begin(may_mount ? head : without_mount(head));
  if (!caller->user) return begun;
  return change_answer(std::move(begun),
                       [user = *caller->user](Response& response) { response.user = user; });
}

// ---- the token service -------------------------------------------------------------------------

// `request`: the parameters of the request, from its query or its form.
Response Access::give_token(const RequestHead& request,
                            const std::optional<std::string>& user) const {
  const WallTime now = options_.now();
  TokenClaims claims;
  claims.user = user;
  if (user) claims.mark = users_.mark(*user).value_or("");
  for (const std::string& scope : scopes_of(request)) grant(options_.rules, scope, claims);
  const std::string token = signer_.sign(claims, now, options_.token_lifetime);
  JsonWriter json;
  json.begin_object()
      .member("token", token)
      .member("access_token", token)
      .member("expires_in", options_.token_lifetime.count())
      .member("issued_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(now))));
  const bool wants_refresh =
      request.parameter("offline_token") == "true" || request.parameter("access_type") == "offline";
  if (wants_refresh && !claims.mark.empty())
    json.member("refresh_token",
                signer_.sign({user, {}, false, claims.mark, true}, now, kRefreshLifetime));
  return {200,
          {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          json.end_object().take()};
}

// The OAuth 2 form (RFC 6749, 4.3 and 6) of asking for a token.
class Access::PostToken final : public Exchange {
 public:
  explicit PostToken(Access& access) : access_(access) {}

  void on_body(ConstBytes data) override {
    if (!is_decided()) form_ += as_text(data);
  }
  bool is_decided() const override { return form_.size() > kMaxForm; }
  Lane lane() const override {
    if (is_decided()) return Lane::kStorage;
    RequestHead request;
    request.query = parse_form(form_);
    return request.parameter("grant_type") == "password" ? Lane::kPasswords : Lane::kStorage;
  }

  Response finish() override {
    if (is_decided()) return form_too_large();
    RequestHead request;
    request.query = parse_form(form_);
    const std::optional<std::string> user = user_of(request);
    if (!user) ++access_.refused_logins_;
    return user ? access_.give_token(request, user)
                : unauthorized(fmt::format("Basic realm=\"{}\"", kService));
  }

 private:
  std::optional<std::string> user_of(const RequestHead& request) {
    const auto text = [&](std::string_view name) {
      return std::string(request.parameter(name).value_or(""));
    };
    if (text("grant_type") == "password")
      return access_.users_.check(text("username"), text("password"));
    if (text("grant_type") != "refresh_token") return std::nullopt;
    const auto claims = access_.signer_.verify(text("refresh_token"), access_.options_.now());
    if (!claims || !claims->user || !claims->is_refresh) return std::nullopt;
    return access_.is_still_good(*claims) ? claims->user : std::nullopt;
  }

  Access& access_;
  std::string form_;
};

Begun Access::token_endpoint(const RequestHead& head) {
  if (head.method == "POST") {
    if (head.content_length.value_or(0) > kMaxForm) return form_too_large();
    return std::make_unique<PostToken>(*this);
  }
  if (!is_read(head.method)) return unsupported("GET, HEAD, POST");
  std::optional<std::string> user;
  if (const auto authorization = head.header("Authorization")) {
    user = users_.find(*authorization);
    if (!user) ++refused_logins_;
    if (!user) return unauthorized(fmt::format("Basic realm=\"{}\"", kService));
  } else if (!options_.rules.knows_anonymous()) {
    return unauthorized(fmt::format("Basic realm=\"{}\"", kService));
  }
  return give_token(head, user);
}

}  // namespace tote::testregistry
