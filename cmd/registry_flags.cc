#include "cmd/registry_flags.h"

#include "base/error.h"
#include "base/go_duration.h"
#include "base/text.h"
#include "cmd/cli/settings_file.h"
#include "cmd/progress/retry_notices.h"
#include "cmd/registries_files.h"
#include "transport/given_fields.h"

#include <fmt/format.h>

#include <filesystem>
#include <stop_token>
#include <thread>
#include <utility>

namespace tote::cmd {
namespace {

constexpr int kMostRequests = 1'000'000;

// The XDG Base Directory Specification: a relative path does not count.
std::filesystem::path uploads_directory(const Environment& environment) {
  const std::string state = environment.get("XDG_STATE_HOME");
  const std::string home = environment.get("HOME");
  if (state.starts_with('/')) return std::filesystem::path(state) / "tote" / "uploads";
  std::error_code failed;
  if (home.starts_with('/') && std::filesystem::is_directory(home, failed))
    return std::filesystem::path(home) / ".local/state/tote/uploads";
  return {};
}

}  // namespace

void RegistryFlags::add_to(FlagSet& all) {
  FlagSet flags;
  add_certificates(flags);
  flags
      .add_bool("registry-insecure", 0, insecure,
                "Allow the use of http when interacting with registries")
      .per_host();
  flags.add_string("registry-username", 0, username, "Set username for auth").variable =
      "IMGPKG_USERNAME";
  flags.add_string("registry-password", 0, password, "Set password for auth").secret().variable =
      "IMGPKG_PASSWORD";
  flags.add_string("registry-token", 0, token, "Set token for auth").secret().variable =
      "IMGPKG_TOKEN";
  flags.add_bool("registry-anon", 0, anonymous, "Set anonymous auth").variable = "IMGPKG_ANON";
  flags.add_duration("registry-response-header-timeout", 0, response_header_timeout,
                     "Maximum time to allow a request to wait for a server's response headers from "
                     "the registry (ms|s|m|h)");
  flags
      .add_int("registry-retry-count", 0, retry_count,
               "Set the number of times a request to the registry is tried in case of an error")
      .per_host();
  add_limits(flags);
  add_requests(flags);
  add_mirrors(flags);
  all.add_group("registries", std::move(flags));
}

void RegistryFlags::add_certificates(FlagSet& flags) {
  flags
      .add_list("registry-ca-cert-path", 0, ca_paths,
                "Add CA certificates for registry API (format: /tmp/foo) (can be specified "
                "multiple times)")
      .per_host()
      .is_path = true;
  flags
      .add_bool("registry-verify-certs", 0, verify_certificates,
                "Set whether to verify server's certificate chain and host name")
      .per_host();
  flags
      .add_path("registry-client-cert", 0, client_certificate,
                "Show this certificate to registries that ask for one (a PEM file)")
      .own()
      .per_host();
  flags
      .add_path("registry-client-key", 0, client_key,
                "The key of --registry-client-cert, if it is not in the same file")
      .own()
      .per_host();
}

void RegistryFlags::add_limits(FlagSet& flags) {
  flags
      .add_byte_size("limit-rate", "", "Bytes a second that are moved at most, in each direction",
                     [this](std::uint64_t bytes) { bytes_per_second = bytes; })
      .own();
  flags
      .add_int("max-requests-per-second", 0, requests_per_second,
               "Requests a second that one registry gets at most; 0: any")
      .own()
      .per_host()
      .checked_by([this] {
        if (requests_per_second < 0 || requests_per_second > kMostRequests)
          throw Error(ErrorKind::kUsage,
                      fmt::format("Expected --max-requests-per-second to be 0 to {}, got {}",
                                  kMostRequests, requests_per_second));
      });
  flags
      .add_byte_size("chunk-size", "",
                     "The largest body of an upload, for proxies that limit it; by default what "
                     "they are found to take",
                     [this](std::uint64_t bytes) { chunk_size = bytes; })
      .own()
      .per_host();
  flags
      .add_duration("stall-timeout", 0, stall_timeout,
                    "Give a connection up over which nothing has come or gone for so long")
      .own()
      .checked_by([this] {
        if (stall_timeout < std::chrono::seconds(1))
          throw Error(ErrorKind::kUsage, "Expected --stall-timeout to be 1s or more");
      });
  flags.add_duration("timeout", 0, timeout, "Give up after so long; 0: never").own();
}

void RegistryFlags::add_requests(FlagSet& flags) {
  Flag& header = flags
                     .add_array("header",
                                "Send this with every request to the registries, and to nobody "
                                "else (format: 'NAME: VALUE') (can be specified multiple times)",
                                [this](const std::string& text) {
                                  headers.push_back(transport::parse_given_field(text));
                                })
                     .own()
                     .per_host();
  header.is_secret = [](const std::string& text) {
    return transport::is_secret_field(text.substr(0, text.find(':')));
  };
  flags
      .add_array(
          "resolve",
          "Connect to this address instead of asking DNS (format: HOST:PORT:ADDRESS) (can be "
          "specified multiple times)",
          [this](const std::string& text) {
            addresses.push_back(transport::parse_given_address(text));
          })
      .own();
  flags.add_string("user-agent", 0, user_agent, "What the program calls itself in requests")
      .own()
      .never_empty()
      .checked_by([this] {
        if (!user_agent.empty()) transport::parse_given_field("X: " + user_agent);
      });
}

void RegistryFlags::add_mirrors(FlagSet& flags) {
  flags
      .add_path("registries-conf", 0, registries_conf,
                "Read mirrors from this file; none: from nowhere. By default from where podman and "
                "skopeo read them")
      .own()
      .never_empty();
  flags
      .add_array("mirror",
                 "Read images of a registry from here first (format: HOST=MIRROR[/PATH]) (can be "
                 "specified multiple times)",
                 [this](const std::string& text) {
                   const std::size_t equals = text.find('=');
                   if (equals == std::string::npos)
                     throw Error(ErrorKind::kUsage,
                                 fmt::format("Expected --mirror as HOST=MIRROR, got '{}'", text));
                   given_mirrors.add_mirror(text.substr(0, equals), text.substr(equals + 1));
                 })
      .own();
}

void RegistryFlags::set_mirrors(const CommandContext& context,
                                registry::ClientOptions& options) const {
  if (!context.ui.is_imgpkg() || !registries_conf.empty())
    options.mirrors = find_registries_conf(registries_conf, context.environment);
  options.mirrors.add_mirrors(given_mirrors);
  options.on_mirror.debug = options.trace;
  options.on_mirror.notice = [&ui = context.ui](std::string_view line) { ui.notice(line); };
}

registry::HostOptions RegistryFlags::options_of(const FileValues& values) const {
  RegistryFlags own = *this;
  own.client_certificate.clear();  // unless it has one itself: others stand above the flag
  own.client_key.clear();
  if (values.contains("header")) own.headers.clear();
  FlagSet flags;
  own.add_to(flags);
  for (const auto& entry : values)
    while_doing([&] { return entry.second.where; },
                [&] {
                  const Flag* const flag = flags.find(std::string_view(entry.first));
                  for (const std::string& use : uses_of(*flag, entry.second)) flag->set(use);
                  if (flag->settle) flag->settle();
                });
  return {.ca_paths = own.ca_paths,
          .verify_certificates = own.verify_certificates,
          .client_certificate = own.client_certificate,
          .client_key = own.client_key,
          .insecure = own.insecure,
          .max_attempts = own.checked_retry_count(),
          .between_requests = own.between_requests(),
          .chunk_size = own.chunk_size,
          .headers = own.headers};
}

int RegistryFlags::checked_retry_count() const {
  if (retry_count < 0)
    throw Error(ErrorKind::kUsage, fmt::format("Expected --registry-retry-count to be 0 or more, "
                                               "got {}",
                                               retry_count));
  return retry_count;
}

std::chrono::microseconds RegistryFlags::between_requests() const {
  if (requests_per_second == 0) return {};
  return std::chrono::microseconds(std::chrono::seconds(1)) / requests_per_second;
}

void RegistryFlags::run_in_time(CommandContext& context, const std::function<void()>& run) const {
  if (timeout <= std::chrono::milliseconds(0)) return run();
  std::stop_source stop;
  const std::stop_token outer = std::exchange(context.stop, stop.get_token());
  const std::stop_callback forward(outer, [&] { stop.request_stop(); });
  const std::jthread timer([&](const std::stop_token& is_done) {
    try {
      system_clock().sleep(timeout, is_done);
      stop.request_stop();
    } catch (const Cancelled&) {
    }
  });
  try {
    run();
  } catch (const Cancelled& cancelled) {
    if (outer.stop_requested()) throw;
    throw Error(ErrorKind::kTransport,
                fmt::format("it was not done after {}", format_go_duration(timeout)))
        .with_hint(cancelled.hint());
  }
}

registry::ClientOptions RegistryFlags::client_options(const CommandContext& context,
                                                      const Concurrency& concurrency) const {
  registry::ClientOptions options;
  options.environment = context.environment;
  options.ca_paths = ca_paths;
  options.verify_certificates = verify_certificates;
  options.client_certificate = client_certificate;
  options.client_key = client_key;
  options.insecure = insecure;
  options.imgpkg_words = context.ui.is_imgpkg();
  options.keychain = {username, password, token, anonymous, {}};
  options.response_header_timeout = response_header_timeout;
  options.retry.max_attempts = checked_retry_count();
  options.bytes_per_second = bytes_per_second;
  options.between_requests = between_requests();
  options.first_requests = concurrency.first_requests;
  options.most_requests = concurrency.requests;
  options.chunk_size = chunk_size;
  options.stall_timeout = std::chrono::ceil<std::chrono::seconds>(stall_timeout);
  options.uploads = uploads_directory(context.environment);
  if (!context.ui.is_imgpkg())
    options.on_no_journal = [&ui = context.ui](const std::string& why) {
      ui.notice(fmt::format("{}: a later run can not go on with uploads that break off", why));
    };
  options.user_agent = user_agent.empty() ? "tote/" TOTE_VERSION : user_agent;
  options.headers = headers;
  options.addresses = addresses;
  for (const auto& [host, values] : context.host_values)
    options.hosts[host == "docker.io" ? "index.docker.io" : host] = options_of(values);
  if (!context.environment.get("IMGPKG_ENABLE_IAAS_AUTH").empty())
    context.ui.announce(
        "IMGPKG_ENABLE_IAAS_AUTH environment variable will be deprecated, please use the flag "
        "--activate-keychain to activate the needed keychains");
  if (!context.ui.is_imgpkg()) options.retry.on_retry = announce_retries(context.ui);
  if (context.debug) {
    options.trace = [&ui = context.ui](std::string_view message) { ui.debug(message); };
    options.keychain.say = options.trace;
  }
  set_mirrors(context, options);
  return options;
}

std::unique_ptr<registry::Client> RegistryFlags::make_client(const CommandContext& context,
                                                             const Concurrency& concurrency) const {
  return std::make_unique<registry::Client>(client_options(context, concurrency));
}

ThreadPool make_pool(const Concurrency& concurrency, registry::Client& client) {
  return ThreadPool(concurrency.threads, [&client] { return client.allowed_requests(); });
}

}  // namespace tote::cmd
