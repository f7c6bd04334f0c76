#include "cmd/serve_config.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/cli/byte_size.h"
#include "cmd/fault_flag.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <filesystem>
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

std::chrono::seconds whole_seconds(std::chrono::milliseconds duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration);
}

// "HOST:PORT", "[::1]:PORT", ":PORT" (every address).
tr::ListenAddress parse_listen(const std::string& listen, const char* flag) {
  const std::size_t colon = listen.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_number(listen.substr(colon + 1));
  if (!port || *port > UINT16_MAX)
    refuse(fmt::format("Expected {} as HOST:PORT, got '{}'", flag, listen));
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::move(host), static_cast<std::uint16_t>(*port)};
}

// "[NAME=]PATH"; a path that exists as it stands has no name in front.
tr::PreloadedFile parse_preload(const std::string& item) {
  const std::size_t equals = item.find('=');
  if (equals == std::string::npos || std::filesystem::exists(item)) return {item};
  return {item.substr(equals + 1), item.substr(0, equals)};
}

// "PREFIX=SIZE"
tr::QuotaLimit parse_quota(const std::string& item) {
  const std::size_t equals = item.find('=');
  if (equals == std::string::npos)
    refuse(fmt::format("Expected --quota as PREFIX=SIZE, got '{}'", item));
  const std::string prefix = item.substr(0, equals);
  if (prefix != "*" && !tr::is_repository_name(prefix))
    refuse(fmt::format("Expected the prefix of --quota as '*' or as a name, got '{}'", prefix));
  return {prefix == "*" ? "" : prefix, parse_byte_size(item.substr(equals + 1), "--quota")};
}

tr::RegistryOptions allowed_by(const ServeOptions& options) {
  tr::RegistryOptions allowed;
  allowed.allow_sparse = options.sparse;
  allowed.allow_delete = !options.no_delete;
  allowed.allow_anonymous_mount = options.rules.empty();
  allowed.max_manifest_size = parse_byte_size(options.max_manifest_size, "--max-manifest-size");
  if (allowed.max_manifest_size == 0 || allowed.max_manifest_size > oci::kMaxManifestSize)
    refuse("Expected --max-manifest-size of at most 4MiB");
  if (!options.max_blob_size.empty())
    allowed.max_blob_size = parse_byte_size(options.max_blob_size, "--max-blob-size");
  allowed.warning = options.warning;
  return allowed;
}

tr::AccessRules rules_of(const ServeOptions& options) {
  if (options.rules.empty()) return tr::AccessRules::simple({options.anonymous_pull});
  return tr::AccessRules::parse(read_file(options.rules, kMaxFile), options.rules);
}

std::string read_token_key(const std::string& path) {
  std::string key(trim(read_file(path, kMaxFile)));
  if (key.size() < kMinTokenKey)
    refuse(fmt::format("{}: the key of tokens has to be {} bytes or more", path, kMinTokenKey));
  return key;
}

tr::AccessOptions access_of(const ServeOptions& options) {
  tr::AccessOptions access{rules_of(options)};
  const bool tokens =
      options.auth.empty() ? access.rules.knows_anonymous() : options.auth == "token";
  if (!tokens && !options.token_key.empty())
    refuse("Expected --token-key only with tokens, as by --auth token");
  access.scheme = tokens ? tr::AuthScheme::kToken : tr::AuthScheme::kBasic;
  access.public_url = options.public_url;
  access.token_lifetime = whole_seconds(options.token_lifetime);
  if (!options.token_key.empty()) access.token_key = read_token_key(options.token_key);
  return access;
}

tr::ServerOptions server_of(const ServeOptions& options) {
  tr::ServerOptions server;
  server.listen.clear();
  for (const std::string& address : options.listen)
    server.listen.push_back(parse_listen(address, "--listen"));
  for (const std::string& proxy : options.trusted_proxies) server.trusted_proxies.add(proxy);
  if (server.listen.empty()) refuse("Expected --listen to name at least one address");
  server.io_threads = static_cast<unsigned>(options.io_threads);
  server.worker_threads = static_cast<unsigned>(options.worker_threads);
  server.head_timeout = whole_seconds(options.head_timeout);
  server.body_timeout = whole_seconds(options.body_timeout);
  server.max_connections = static_cast<std::size_t>(options.max_connections);
  const std::uint64_t head_size = parse_byte_size(options.max_head_size, "--max-head-size");
  if (head_size < 1024 || head_size > 1U << 20U)
    refuse("Expected --max-head-size from 1KiB to 1MiB");
  server.max_head_size = static_cast<std::uint32_t>(head_size);
  return server;
}

void set_what_it_keeps(const ServeOptions& options, tr::RegistryConfig& config) {
  config.directory = options.directory;
  config.sync = options.sync;
  config.read_only = options.read_only;
  for (const std::string& item : options.preload) config.preload.push_back(parse_preload(item));
  for (const std::string& item : options.quotas) config.quotas.push_back(parse_quota(item));
  config.collect_every = options.gc_interval;
  config.collect.grace = whole_seconds(options.gc_grace);
  config.collect.upload_expiry = whole_seconds(options.upload_expiry);
  config.collect.untagged = options.gc_untagged;
}

void set_who_may_come(const ServeOptions& options, tr::RegistryConfig& config) {
  config.allowed = allowed_by(options);
  if (!options.has_users() && options.rules.empty()) return;
  config.access = access_of(options);
  config.htpasswd = options.htpasswd;
  if (options.secure) config.made_user = kSecureUser;
}

void set_where_it_listens(const ServeOptions& options, tr::RegistryConfig& config) {
  config.server = server_of(options);
  if (options.uses_tls())
    config.tls = {options.tls_certificate, options.tls_key, options.tls_client_ca,
                  options.tls_ca_out};
  if (!options.metrics_listen.empty())
    config.metrics_listen = parse_listen(options.metrics_listen, "--metrics-listen");
  config.stop_within = options.grace;
}

}  // namespace

tr::RegistryConfig registry_config(const ServeOptions& options, Log& log) {
  options.check();
  tr::RegistryConfig config;
  set_what_it_keeps(options, config);
  set_who_may_come(options, config);
  for (const std::string& text : options.faults) config.faults.push_back(parse_fault(text));
  config.fault_seed = static_cast<std::uint64_t>(options.fault_seed);
  set_where_it_listens(options, config);
  config.log = &log;
  config.access_log = options.log_format();
  config.version = TOTE_VERSION;
  return config;
}

}  // namespace tote::cmd
