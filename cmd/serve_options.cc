#include "cmd/serve_options.h"

#include "base/error.h"
#include "testregistry/registry_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tote::cmd {
namespace {

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

// An empty value must not mean that the flag was not given: `--htpasswd "$FILE"` with a variable
// that is not set would open the registry.
void never_empty(Flag& flag) {
  flag.set = [set = flag.set](const std::string& value) {
    if (value.empty()) throw std::string("it is empty");
    set(value);
  };
}

// Registries are at the root of their host (distribution specification 1.1, "Endpoints").
void check_public_url(const std::string& url) {
  if (url.empty()) return;
  const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (host == 0 || !testregistry::is_host(url.substr(host)))
    refuse(fmt::format("Expected --public-url as https://NAME without a path, got '{}'", url));
}

// Before anything is pushed: at the end it would be too late to say so.
void check_snapshot(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path) &&
      std::filesystem::is_directory(std::filesystem::absolute(path).parent_path()))
    return;
  refuse(fmt::format("Expected --snapshot to name a file in a directory that exists, got '{}'",
                     path.string()));
}

}  // namespace

void ServeOptions::add_to(FlagSet& flags) {
  flags.add_list("listen", 0, listen,
                 "Addresses to listen on, as HOST:PORT; port 0 picks a free one");
  never_empty(
      flags.add_path("ready-file", 0, ready_file,
                     "File to write the line of JSON to as well, when requests are answered"));
  flags.add_duration("grace", 0, grace, "How long requests in flight may take when stopping");

  never_empty(flags.add_path("dir", 0, directory, "Directory to keep everything in"));
  flags.add_bool("sync", 0, sync, "Answer only when what was sent would survive a power cut");
  flags
      .add_array("preload", 0, preload,
                 "Archive or OCI image layout to begin with, as [NAME=]PATH; in memory it is "
                 "served from where it lies")
      .is_path = true;
  never_empty(
      flags.add_path("snapshot", 0, snapshot, "Archive to write what was pushed to, at the end"));
  flags.add_bool("read-only", 0, read_only, "Refuse every change");

  flags.add_bool("secure", 0, secure,
                 "TLS with a certificate of its own and one user with a random password");
  never_empty(flags.add_path("htpasswd", 0, htpasswd,
                             "File of users and bcrypt passwords; read again when it changes"));
  never_empty(flags.add_path(
      "rules", 0, rules,
      "File of lines 'USER REPOSITORY pull,push,delete'; what none allows is refused"));
  flags.add_bool("anonymous-pull", 0, anonymous_pull, "Let everybody read");
  never_empty(flags.add_string(
      "auth", 0, auth,
      "Ask for passwords (basic) or give out tokens (token); tokens if anybody may "
      "come without a password, else basic"));
  flags.add_duration("token-lifetime", 0, token_lifetime, "How long a token is good for");
  never_empty(flags.add_path("token-key", 0, token_key,
                             "File with the key of tokens; without it they end with the process"));

  never_empty(flags.add_path("tls-cert", 0, tls_certificate,
                             "PEM file with the certificate chain; read again at SIGHUP"));
  never_empty(flags.add_path("tls-key", 0, tls_key, "PEM file with the certificate's key"));
  flags.add_bool("tls-self-signed", 0, tls_self_signed, "TLS with a certificate made on the spot");
  never_empty(
      flags.add_path("tls-ca-out", 0, tls_ca_out, "File to write the CA of that certificate to"));
  never_empty(
      flags.add_path("tls-client-ca", 0, tls_client_ca,
                     "PEM file; clients must show a certificate of one of its authorities"));

  flags.add_bool("sparse", 0, sparse, "Take manifests that name what is not here");
  flags.add_bool("no-delete", 0, no_delete, "Refuse to delete manifests, tags and blobs");
  flags.add_string("max-manifest-size", 0, max_manifest_size, "Largest manifest, up to 4MiB");
  flags.add_string("max-blob-size", 0, max_blob_size, "Largest blob; any without it");
  flags.add_array("quota", 0, quotas,
                  "PREFIX=SIZE: the repositories under the prefix hold no more together ('*' for "
                  "all)");
  flags.add_int("max-connections", 0, max_connections, "Connections above these are told 503");
  flags.add_string("max-head-size", 0, max_head_size, "Largest head of a request");
  flags.add_duration("head-timeout", 0, head_timeout,
                     "For the head of a request, from the connection or the last answer on");
  flags.add_duration("body-timeout", 0, body_timeout,
                     "Without a byte of a body in either direction");
  flags.add_int("io-threads", 0, io_threads, "Threads that serve connections");
  flags.add_int("worker-threads", 0, worker_threads,
                "Threads that hash and write; passwords have a thread of their own");

  flags.add_duration("gc-interval", 0, gc_interval, "Collect garbage so often; 0: never");
  flags.add_duration("gc-grace", 0, gc_grace, "What was used within this time stays");
  flags.add_bool("gc-untagged", 0, gc_untagged, "Collect manifests too that no tag reaches");
  flags.add_duration("upload-expiry", 0, upload_expiry,
                     "Collect uploads that nobody went on with for so long");

  never_empty(
      flags.add_string("public-url", 0, public_url,
                       "URL by which clients reach the registry through a proxy, as https://NAME"));
  flags.add_list("trusted-proxy", 0, trusted_proxies,
                 "Addresses or networks of proxies whose Forwarded and X-Forwarded headers are "
                 "believed");
  never_empty(flags.add_string("metrics-listen", 0, metrics_listen,
                               "Address for /metrics, which is not at --listen then"));

  flags.add_string("access-log", 0, access_log,
                   "One line per request on stderr: off, text or json");
  never_empty(
      flags.add_string("log-level", 0, log_level,
                       "Least that is worth a line on stderr: info, warning or error; info, "
                       "beside a command warning"));
  flags.add_array("fault", 0, faults,
                  "A fault on purpose: method=M,path=PATTERN,rate=R,after=N,times=N with "
                  "status=S,retry-after=T, redirect=URL, header=NAME:VALUE, limit=N/s, "
                  "concurrent=N, latency=DURATION, drop, truncate=N, extra=N, corrupt=N, stall=N");
  flags.add_int("fault-seed", 0, fault_seed, "Faults of the same seed strike the same requests");
  flags.add_string("warning", 0, warning, "Text of a Warning header in every answer");
}

void ServeOptions::check() const {
  if (tls_certificate.empty() != tls_key.empty())
    refuse("Expected both --tls-cert and --tls-key, or neither");
  if ((tls_self_signed || secure) && !tls_certificate.empty())
    refuse("Expected either --tls-cert or a certificate made on the spot, not both");
  if (!tls_ca_out.empty() && !tls_self_signed && !secure)
    refuse("Expected --tls-ca-out only with --tls-self-signed or --secure");
  if (!tls_client_ca.empty() && !uses_tls()) refuse("Expected --tls-client-ca only with TLS");
  if (secure && !htpasswd.empty())
    refuse("Expected either --secure, which makes a user, or --htpasswd, not both");
  if (!auth.empty() && auth != "basic" && auth != "token")
    refuse(fmt::format("Expected --auth to be basic or token, got '{}'", auth));
  if (!auth.empty() && !has_users() && rules.empty())
    refuse("Expected --auth only with users: --htpasswd, --secure or --rules");
  if (!token_key.empty() && !has_users() && rules.empty())
    refuse("Expected --token-key only with users: --htpasswd, --secure or --rules");
  if (anonymous_pull && !rules.empty())
    refuse("Expected either --anonymous-pull or --rules, which can say the same, not both");
  if (anonymous_pull && !has_users())
    refuse("Expected --anonymous-pull only with users: without any, everybody may do everything");
  if (sync && directory.empty()) refuse("Expected --sync only with --dir");
  const bool is_plain = std::all_of(warning.begin(), warning.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (!is_plain || warning.size() > 4000)
    refuse("Expected --warning as up to 4000 letters of ASCII without quotes and backslashes");
  if (io_threads < 1 || io_threads > 256 || worker_threads < 1 || worker_threads > 1024)
    refuse("Expected --io-threads from 1 to 256 and --worker-threads from 1 to 1024");
  if (max_connections < 1) refuse("Expected --max-connections to be at least 1");
  constexpr std::chrono::seconds kShortest{1};
  if (head_timeout < kShortest || body_timeout < kShortest || token_lifetime < kShortest)
    refuse("Expected --head-timeout, --body-timeout and --token-lifetime to be at least 1s");
  check_public_url(public_url);
  if (read_only && !snapshot.empty())
    refuse("Expected either --read-only or --snapshot: nothing can be pushed");
  if (!snapshot.empty()) check_snapshot(snapshot);
  log_format();
}

LogLevel ServeOptions::least_level(LogLevel otherwise) const {
  if (log_level.empty()) return otherwise;
  if (log_level == "info") return LogLevel::kInfo;
  if (log_level == "warning") return LogLevel::kWarning;
  if (log_level == "error") return LogLevel::kError;
  refuse(fmt::format("Expected --log-level to be info, warning or error, got '{}'", log_level));
}

std::optional<LogFormat> ServeOptions::log_format() const {
  if (access_log == "off") return std::nullopt;
  if (access_log == "text") return LogFormat::kText;
  if (access_log == "json") return LogFormat::kJson;
  refuse(fmt::format("Expected --access-log to be off, text or json, got '{}'", access_log));
}

}  // namespace tote::cmd
