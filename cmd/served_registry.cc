#include "cmd/served_registry.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/byte_size.h"
#include "testregistry/http/error_response.h"
#include "testregistry/http/self_signed.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/memory_storage.h"
#include "testregistry/values/names.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

constexpr std::uint64_t kMaxPem = 1U << 20U;
constexpr const char* kSecureUser = "tote";
constexpr std::size_t kMinTokenKey = 16;

class NoSuchEndpoint final : public tr::Handler {
 public:
  tr::Begun begin(const tr::RequestHead&) override {
    return tr::error_response(404, "UNSUPPORTED", "No such endpoint");
  }
};

}  // namespace

ServedRegistry::ServedRegistry(const ServeOptions& options, LogLevel least)
    : options_(options),
      log_({.format = options.log_format().value_or(LogFormat::kText), .least = least}),
      log_error_([this](std::string_view text) { log_.error(text); }) {
  options_.check();
  open_storage();
  for (const std::string& item : options_.preload) load(item);
  if (!options_.snapshot.empty()) before_ = take_inventory(*storage_);
  set_quotas();
  make_handlers();
  start();
  start_metrics();
  for (const std::string& address : ready_.addresses)
    log_.info(fmt::format("serving on {}", address));
}

void ServedRegistry::wait(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    if (options_.gc_interval.count() == 0)
      changed.wait(lock, stop, [] { return false; });
    else if (!changed.wait_for(lock, stop, options_.gc_interval, [] { return false; }) &&
             !stop.stop_requested())
      collect(stop);
  }
}

void ServedRegistry::collect(const std::stop_token& stop) {
  try {
    const tr::Collected done = storage_->collect(options_.collect_options(), stop);
    metrics_.count(done);
    log_.info(
        fmt::format("collected {} manifests, {} blobs, {} uploads and {} repositories: {} bytes",
                    done.manifests, done.blobs, done.uploads, done.repositories, done.bytes));
  } catch (const Cancelled&) {
    // The registry stops; what was not collected can wait.
  } catch (const std::exception& failure) {
    metrics_.count_failed_collection();
    log_.error(fmt::format("collecting garbage: {}", failure.what()));
  }
}

void ServedRegistry::reload_tls() {
  if (!options_.uses_tls()) return;
  try {
    made_tls_.client_ca_pem = client_ca();
    server_->reload_tls(options_.tls_certificate.empty() ? made_tls_ : read_tls());
    log_.info("read the certificates again");
  } catch (const Error& failure) {
    log_.error("the old certificate stays: " + failure.message());
  }
}

void ServedRegistry::stop() {
  probes_->set_ready(false);
  log_.info("stopping");
  server_->drain(options_.grace);
  if (const std::size_t left = server_->connections(); left > 0)
    log_.warning(fmt::format("{} connections were cut: their requests took over {}s", left,
                             std::chrono::duration<double>(options_.grace).count()));
  serving_ = nullptr;
  metrics_server_.reset();
  server_.reset();
  log_.info("stopped");
}

Snapshot ServedRegistry::write_snapshot(const std::stop_token& stop) {
  return cmd::write_snapshot(*storage_, before_, ready_.address, options_.snapshot, stop);
}

void ServedRegistry::open_storage() {
  if (options_.directory.empty()) {
    auto memory = std::make_unique<tr::MemoryStorage>();
    put_blob_ = tr::in_place(*memory);
    storage_ = std::move(memory);
  } else {
    storage_ = std::make_unique<tr::DirectoryStorage>(
        options_.directory, options_.sync ? tr::Sync::kYes : tr::Sync::kNo, log_error_,
        options_.read_only ? tr::Writing::kIfPossible : tr::Writing::kAlways);
    put_blob_ = tr::copying(*storage_);
  }
}

// "[NAME=]PATH"; a path that exists as it stands has no name in front.
void ServedRegistry::load(const std::string& item) {
  const std::size_t equals = item.find('=');
  if (equals == std::string::npos || std::filesystem::exists(item))
    return tr::preload(*storage_, put_blob_, item, "");
  tr::preload(*storage_, put_blob_, item.substr(equals + 1), item.substr(0, equals));
}

void ServedRegistry::set_quotas() {
  for (const std::string& item : options_.quotas) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos)
      throw Error(ErrorKind::kUsage,
                  fmt::format("Expected --quota as PREFIX=SIZE, got '{}'", item));
    const std::string prefix = item.substr(0, equals);
    if (prefix != "*" && !tr::is_repository_name(prefix))
      throw Error(
          ErrorKind::kUsage,
          fmt::format("Expected the prefix of --quota as '*' or as a name, got '{}'", prefix));
    quotas_.set_limit(prefix == "*" ? "" : prefix,
                      parse_byte_size(item.substr(equals + 1), "--quota"));
  }
  if (!options_.quotas.empty()) quotas_.watch(*storage_);
}

tr::AccessRules ServedRegistry::rules() const {
  if (options_.rules.empty()) return tr::AccessRules::simple({options_.anonymous_pull});
  return tr::AccessRules::parse(read_file(options_.rules, kMaxPem), options_.rules);
}

tr::AccessOptions ServedRegistry::access_options() const {
  tr::AccessOptions access{rules()};
  const bool tokens =
      options_.auth.empty() ? access.rules.knows_anonymous() : options_.auth == "token";
  if (!tokens && !options_.token_key.empty())
    throw Error(ErrorKind::kUsage, "Expected --token-key only with tokens, as by --auth token");
  access.scheme = tokens ? tr::AuthScheme::kToken : tr::AuthScheme::kBasic;
  access.public_url = options_.public_url;
  access.token_lifetime = std::chrono::ceil<std::chrono::seconds>(options_.token_lifetime);
  if (!options_.token_key.empty()) {
    access.token_key = trim(read_file(options_.token_key, kMaxPem));
    if (access.token_key.size() < kMinTokenKey)
      throw Error(ErrorKind::kUsage, fmt::format("{}: the key of tokens has to be {} bytes or more",
                                                 options_.token_key, kMinTokenKey));
  }
  return access;
}

void ServedRegistry::make_users() {
  if (options_.secure) {
    ready_.user = kSecureUser;
    ready_.password = tr::random_name();
    users_.emplace(tr::Htpasswd::single(ready_.user, ready_.password));
  } else if (!options_.htpasswd.empty()) {
    users_.emplace(options_.htpasswd, log_error_);
  } else {
    users_.emplace(tr::Htpasswd{});
  }
}

void ServedRegistry::make_handlers() {
  tr::RegistryOptions allowed = options_.registry_options();
  if (!options_.quotas.empty()) allowed.quotas = &quotas_;
  std::optional<tr::AccessOptions> access;
  if (options_.has_users() || !options_.rules.empty()) access = access_options();
  allowed.allow_anonymous_mount = options_.rules.empty();
  if (options_.read_only)
    registry_ =
        std::make_unique<tr::RegistryHandler>(static_cast<tr::StorageReader&>(*storage_), allowed);
  else
    registry_ = std::make_unique<tr::RegistryHandler>(*storage_, allowed);
  tr::Handler* outermost = registry_.get();
  if (access) {
    make_users();
    access_ = std::make_unique<tr::Access>(*outermost, *users_, *std::move(access));
    outermost = access_.get();
  }
  if (!options_.faults.empty()) {
    faults_ = std::make_unique<tr::Faults>(*outermost, options_.parsed_faults(),
                                           static_cast<std::uint64_t>(options_.fault_seed));
    outermost = faults_.get();
  }
  std::function<std::string()> metrics;
  if (options_.metrics_listen.empty()) metrics = [this] { return metrics_text(); };
  probes_ = std::make_unique<tr::Probes>(*outermost, std::move(metrics));
}

std::string ServedRegistry::metrics_text() const {
  const tr::Server* server = serving_;
  return metrics_.text({TOTE_VERSION, server != nullptr ? server->connections() : 0,
                        storage_->stored(), quotas_.uses(), access_ ? access_->refused_logins() : 0,
                        log_.dropped()});
}

tr::ServerTls ServedRegistry::read_tls() const {
  return {read_file(options_.tls_certificate, kMaxPem),
          read_file(options_.tls_key, kMaxPem),
          client_ca(),
          options_.tls_certificate,
          options_.tls_key,
          options_.tls_client_ca};
}

std::optional<std::string> ServedRegistry::client_ca() const {
  if (options_.tls_client_ca.empty()) return std::nullopt;
  return read_file(options_.tls_client_ca, kMaxPem);
}

void ServedRegistry::set_tls(tr::ServerOptions& server) {
  if (!options_.uses_tls()) return;
  if (!options_.tls_certificate.empty()) {
    server.tls = read_tls();
    return;
  }
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  for (const tr::ListenAddress& address : server.listen)
    if (!address.host.empty() && std::find(hosts.begin(), hosts.end(), address.host) == hosts.end())
      hosts.push_back(address.host);
  tr::SelfSigned made = tr::make_self_signed(hosts);
  ready_.ca_pem = made.ca_pem;
  made_tls_ = std::move(made.tls);
  made_tls_.client_ca_pem = client_ca();
  made_tls_.client_ca_name = options_.tls_client_ca;
  server.tls = made_tls_;
  if (options_.tls_ca_out.empty()) return;
  AtomicFile file(options_.tls_ca_out, 0644);
  file.write(as_bytes(ready_.ca_pem));
  file.finish();
  ready_.ca_path = std::filesystem::absolute(options_.tls_ca_out).string();
}

void ServedRegistry::start() {
  tr::ServerOptions server = options_.server_options();
  set_tls(server);
  server.log = log_error_;
  server.on_request = [this, format = options_.log_format()](const tr::RequestRecord& record) {
    if (tr::Probes::is_probe(record.target)) return;
    metrics_.count(record);
    if (format) log_.line(tr::access_log_line(record, *format, std::chrono::system_clock::now()));
  };
  server_ = std::make_unique<tr::Server>(*probes_, std::move(server));
  serving_ = server_.get();
  ready_.addresses = server_->addresses();
  ready_.address = ready_.addresses.front();
  ready_.url = server_->url();
}

// Nothing but the metrics can be had there.
void ServedRegistry::start_metrics() {
  if (options_.metrics_listen.empty()) return;
  nothing_ = std::make_unique<NoSuchEndpoint>();
  metrics_probes_ = std::make_unique<tr::Probes>(*nothing_, [this] { return metrics_text(); });
  tr::ServerOptions server = options_.metrics_server_options();
  server.log = log_error_;
  metrics_server_ = std::make_unique<tr::Server>(*metrics_probes_, std::move(server));
  log_.info(fmt::format("metrics on {}", metrics_server_->address()));
  ready_.metrics_address = metrics_server_->address();
}

}  // namespace tote::cmd
