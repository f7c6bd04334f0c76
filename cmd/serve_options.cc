#include "cmd/serve_options.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/fault_flag.h"
#include "cmd/serve_values.h"

#include <fmt/format.h>

#include <utility>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

constexpr std::uint64_t kMaxFile = 1U << 20U;
constexpr const char* kSecureUser = "tote";
constexpr std::size_t kMinTokenKey = 16;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

std::function<void(std::chrono::milliseconds)> at_least_a_second(std::chrono::seconds& target) {
  return [&target](std::chrono::milliseconds given) {
    if (given < std::chrono::seconds(1))
      refuse("Expected --head-timeout, --body-timeout and --token-lifetime to be at least 1s");
    target = std::chrono::ceil<std::chrono::seconds>(given);
  };
}

std::function<void(int)> threads(unsigned& target, int most) {
  return [&target, most](int given) {
    if (given < 1 || given > most)
      refuse("Expected --io-threads from 1 to 256 and --worker-threads from 1 to 1024");
    target = static_cast<unsigned>(given);
  };
}

tr::AuthScheme parse_scheme(const std::string& text) {
  if (text == "basic") return tr::AuthScheme::kBasic;
  if (text == "token") return tr::AuthScheme::kToken;
  refuse(fmt::format("Expected --auth to be basic or token, got '{}'", text));
}

std::string read_token_key(const std::filesystem::path& path) {
  std::string key(trim(read_file(path, kMaxFile)));
  if (key.size() < kMinTokenKey)
    refuse(fmt::format("{}: the key of tokens has to be {} bytes or more", path.string(),
                       kMinTokenKey));
  return key;
}

}  // namespace

void ServeOptions::add_to(FlagSet& flags) {
  add_address(flags);
  add_contents(flags);
  add_users(flags);
  add_tls(flags);
  add_limits(flags);
  add_times_and_threads(flags);
  add_collection(flags);
  add_surroundings(flags);
  add_log_and_faults(flags);
}

void ServeOptions::add_address(FlagSet& flags) {
  std::vector<tr::ListenAddress>& listen = registry_.server.listen;
  listen.clear();
  flags
      .add_list("listen", {"127.0.0.1:5000"},
                "Addresses to listen on, as HOST:PORT; port 0 picks a free one",
                [&](const std::string& text) { listen.push_back(parse_listen(text, "--listen")); })
      .checked_by([&] {
        if (listen.empty()) refuse("Expected --listen to name at least one address");
      });
  flags
      .add_path("ready-file", 0, ready_file,
                "File to write the line of JSON to as well, when requests are answered")
      .never_empty();
  flags.add_duration("grace", 0, registry_.stop_within,
                     "How long requests in flight may take when stopping");
}

void ServeOptions::add_contents(FlagSet& flags) {
  flags.add_path("dir", 0, registry_.directory, "Directory to keep everything in").never_empty();
  flags
      .add_array("layout",
                 "OCI image layout to serve and to write to, as [NAME=]DIRECTORY; may be given "
                 "several times",
                 [&](const std::string& text) { registry_.layouts.push_back(parse_layout(text)); })
      .excludes({"dir"}, "Expected either --dir or --layout, not both")
      .excludes({"preload"},
                "Expected either --layout, which is written to, or --preload, not both")
      .excludes({"quota"}, "Expected --quota only without --layout")
      .is_path = true;
  flags
      .add_bool("sync", 0, registry_.sync,
                "Answer only when what was sent would survive a power cut")
      .needs({"dir", "layout"});
  flags
      .add_array("preload",
                 "Archive or OCI image layout to begin with, as [NAME=]PATH; in memory it is "
                 "served from where it lies",
                 [&](const std::string& text) { registry_.preload.push_back(parse_preload(text)); })
      .is_path = true;
  flags.add_path("snapshot", 0, snapshot, "Archive to write what was pushed to, at the end")
      .never_empty()
      .checked_by([&] { check_snapshot(snapshot); });
  flags.add_bool("read-only", 0, registry_.read_only, "Refuse every change")
      .excludes({"snapshot"}, "Expected either --read-only or --snapshot: nothing can be pushed");
}

void ServeOptions::add_users(FlagSet& flags) {
  flags
      .add_bool("secure", 0, secure_,
                "TLS with a certificate of its own and one user with a random password")
      .excludes({"htpasswd"},
                "Expected either --secure, which makes a user, or --htpasswd, not both")
      .excludes({"tls-cert"},
                "Expected either --tls-cert or a certificate made on the spot, not both");
  flags
      .add_path("htpasswd", 0, registry_.htpasswd,
                "File of users and bcrypt passwords; read again when it changes")
      .never_empty();
  flags
      .add_path("rules", 0, rules_,
                "File of lines 'USER REPOSITORY pull,push,delete'; what none allows is refused")
      .never_empty();
  flags.add_bool("anonymous-pull", 0, anonymous_pull_, "Let everybody read")
      .excludes({"rules"},
                "Expected either --anonymous-pull or --rules, which can say the same, not both")
      .needs({"htpasswd", "secure"},
             "Expected --anonymous-pull only with users: without any, everybody may do everything");
  flags
      .add_string("auth", "",
                  "Ask for passwords (basic) or give out tokens (token); tokens if anybody may "
                  "come without a password, else basic",
                  [&](const std::string& text) { scheme_ = parse_scheme(text); })
      .never_empty()
      .needs({"htpasswd", "secure", "rules"},
             "Expected --auth only with users: --htpasswd, --secure or --rules");
  flags.add_duration("token-lifetime", access_.token_lifetime, "How long a token is good for",
                     at_least_a_second(access_.token_lifetime));
  flags
      .add_path("token-key", 0, token_key_,
                "File with the key of tokens; without it they end with the process")
      .never_empty()
      .needs({"htpasswd", "secure", "rules"},
             "Expected --token-key only with users: --htpasswd, --secure or --rules");
}

void ServeOptions::add_tls(FlagSet& flags) {
  const std::string both = "Expected both --tls-cert and --tls-key, or neither";
  flags
      .add_path("tls-cert", 0, tls_.certificate,
                "PEM file with the certificate chain; read again at SIGHUP")
      .never_empty()
      .needs({"tls-key"}, both);
  flags.add_path("tls-key", 0, tls_.key, "PEM file with the certificate's key")
      .never_empty()
      .needs({"tls-cert"}, both);
  flags.add_bool("tls-self-signed", 0, tls_self_signed_, "TLS with a certificate made on the spot")
      .excludes({"tls-cert"},
                "Expected either --tls-cert or a certificate made on the spot, not both");
  flags.add_path("tls-ca-out", 0, tls_.ca_out, "File to write the CA of that certificate to")
      .never_empty()
      .needs({"tls-self-signed", "secure"});
  flags
      .add_path("tls-client-ca", 0, tls_.client_ca,
                "PEM file; clients must show a certificate of one of its authorities")
      .never_empty()
      .needs({"tls-cert", "tls-self-signed", "secure"}, "Expected --tls-client-ca only with TLS");
}

void ServeOptions::add_limits(FlagSet& flags) {
  tr::RegistryOptions& allowed = registry_.allowed;
  flags.add_bool("sparse", 0, allowed.allow_sparse, "Take manifests that name what is not here");
  flags.add_bool("no-delete", "Refuse to delete manifests, tags and blobs",
                 [&](bool refused) { allowed.allow_delete = !refused; });
  flags.add_byte_size("max-manifest-size", "4MiB", "Largest manifest, up to 4MiB",
                      [&](std::uint64_t size) {
                        if (size == 0 || size > oci::kMaxManifestSize)
                          refuse("Expected --max-manifest-size of at most 4MiB");
                        allowed.max_manifest_size = size;
                      });
  flags.add_byte_size("max-blob-size", "", "Largest blob; any without it",
                      [&](std::uint64_t size) { allowed.max_blob_size = size; });
  flags.add_array("quota",
                  "PREFIX=SIZE: the repositories under the prefix hold no more together ('*' for "
                  "all)",
                  [&](const std::string& text) { registry_.quotas.push_back(parse_quota(text)); });
}

void ServeOptions::add_times_and_threads(FlagSet& flags) {
  tr::ServerOptions& server = registry_.server;
  flags.add_int("max-connections", static_cast<int>(server.max_connections),
                "Connections above these are told 503", [&](int most) {
                  if (most < 1) refuse("Expected --max-connections to be at least 1");
                  server.max_connections = static_cast<std::size_t>(most);
                });
  flags.add_byte_size("max-head-size", "32KiB", "Largest head of a request",
                      [&](std::uint64_t size) {
                        if (size < 1024 || size > 1U << 20U)
                          refuse("Expected --max-head-size from 1KiB to 1MiB");
                        server.max_head_size = static_cast<std::uint32_t>(size);
                      });
  flags.add_duration("head-timeout", server.head_timeout,
                     "For the head of a request, from the connection or the last answer on",
                     at_least_a_second(server.head_timeout));
  flags.add_duration("body-timeout", server.body_timeout,
                     "Without a byte of a body in either direction",
                     at_least_a_second(server.body_timeout));
  flags.add_int("io-threads", static_cast<int>(server.io_threads), "Threads that serve connections",
                threads(server.io_threads, 256));
  flags.add_int("worker-threads", static_cast<int>(server.worker_threads),
                "Threads that hash and write; passwords have a thread of their own",
                threads(server.worker_threads, 1024));
}

void ServeOptions::add_collection(FlagSet& flags) {
  tr::CollectOptions& collect = registry_.collect;
  flags.add_duration("gc-interval", 0, registry_.collect_every,
                     "Collect garbage so often; 0: never");
  flags.add_duration("gc-grace", collect.grace, "What was used within this time stays",
                     rounded_up(collect.grace));
  flags.add_bool("gc-untagged", 0, collect.untagged, "Collect manifests too that no tag reaches");
  flags.add_duration("upload-expiry", collect.upload_expiry,
                     "Collect uploads that nobody went on with for so long",
                     rounded_up(collect.upload_expiry));
}

void ServeOptions::add_surroundings(FlagSet& flags) {
  flags
      .add_string("public-url", 0, access_.public_url,
                  "URL by which clients reach the registry through a proxy, as https://NAME")
      .never_empty()
      .checked_by([&] { check_public_url(access_.public_url); });
  flags.add_list(
      "trusted-proxy", {},
      "Addresses or networks of proxies whose Forwarded and X-Forwarded headers are believed",
      [&](const std::string& network) { registry_.server.trusted_proxies.add(network); });
  flags
      .add_string("metrics-listen", "", "Address for /metrics, which is not at --listen then",
                  [&](const std::string& text) {
                    registry_.metrics_listen = parse_listen(text, "--metrics-listen");
                  })
      .never_empty();
}

void ServeOptions::add_log_and_faults(FlagSet& flags) {
  flags.add_string("access-log", "off", "One line per request on stderr: off, text or json",
                   [&](const std::string& text) { registry_.access_log = parse_access_log(text); });
  flags
      .add_string("log-level", "",
                  "Least that is worth a line on stderr: info, warning or error; info, beside a "
                  "command warning",
                  [&](const std::string& text) { least_level_ = parse_log_level(text); })
      .never_empty();
  flags.add_array(
      "fault",
      "A fault on purpose: method=M,path=PATTERN,rate=R,after=N,times=N with "
      "status=S,retry-after=T, redirect=URL, header=NAME:VALUE, limit=N/s, concurrent=N, "
      "latency=DURATION, drop, truncate=N, extra=N, corrupt=N, stall=N",
      [&](const std::string& text) { registry_.faults.push_back(parse_fault(text)); });
  flags.add_int("fault-seed", 1, "Faults of the same seed strike the same requests",
                [&](int seed) { registry_.fault_seed = static_cast<std::uint64_t>(seed); });
  flags
      .add_string("warning", 0, registry_.allowed.warning,
                  "Text of a Warning header in every answer")
      .checked_by([&] { check_warning(registry_.allowed.warning); });
}

tr::AccessOptions ServeOptions::access() const {
  tr::AccessOptions access = access_;
  access.rules = rules_.empty()
                     ? tr::AccessRules::simple({anonymous_pull_})
                     : tr::AccessRules::parse(read_file(rules_, kMaxFile), rules_.string());
  access.scheme = scheme_.value_or(access.rules.knows_anonymous() ? tr::AuthScheme::kToken
                                                                  : tr::AuthScheme::kBasic);
  if (token_key_.empty()) return access;
  if (access.scheme != tr::AuthScheme::kToken)
    refuse("Expected --token-key only with tokens, as by --auth token");
  access.token_key = read_token_key(token_key_);
  return access;
}

tr::RegistryConfig ServeOptions::registry_config(Log& log) const {
  tr::RegistryConfig config = registry_;
  const bool has_rules = !rules_.empty();
  config.allowed.allow_anonymous_mount = !has_rules;
  if (secure_ || has_rules || !config.htpasswd.empty()) config.access = access();
  if (secure_) config.made_user = kSecureUser;
  if (secure_ || tls_self_signed_ || !tls_.certificate.empty()) config.tls = tls_;
  config.log = &log;
  config.version = TOTE_VERSION;
  return config;
}

}  // namespace tote::cmd
