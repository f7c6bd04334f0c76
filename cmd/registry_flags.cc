#include "cmd/registry_flags.h"

#include "base/error.h"
#include "base/go_duration.h"
#include "base/text.h"
#include "cmd/progress/retry_notices.h"

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
  flags
      .add_list("registry-ca-cert-path", 0, ca_paths,
                "Add CA certificates for registry API (format: /tmp/foo) (can be specified "
                "multiple times)")
      .is_path = true;
  flags.add_bool("registry-verify-certs", 0, verify_certificates,
                 "Set whether to verify server's certificate chain and host name");
  flags
      .add_path("registry-client-cert", 0, client_certificate,
                "Show this certificate to registries that ask for one (a PEM file)")
      .own();
  flags
      .add_path("registry-client-key", 0, client_key,
                "The key of --registry-client-cert, if it is not in the same file")
      .own();
  flags.add_bool("registry-insecure", 0, insecure,
                 "Allow the use of http when interacting with registries");
  flags.add_string("registry-username", 0, username, "Set username for auth").variable =
      "IMGPKG_USERNAME";
  flags.add_string("registry-password", 0, password, "Set password for auth").variable =
      "IMGPKG_PASSWORD";
  flags.add_string("registry-token", 0, token, "Set token for auth").variable = "IMGPKG_TOKEN";
  flags.add_bool("registry-anon", 0, anonymous, "Set anonymous auth").variable = "IMGPKG_ANON";
  flags.add_duration("registry-response-header-timeout", 0, response_header_timeout,
                     "Maximum time to allow a request to wait for a server's response headers from "
                     "the registry (ms|s|m|h)");
  flags.add_int("registry-retry-count", 0, retry_count,
                "Set the number of times a request to the registry is tried in case of an error");
  add_limits(flags);
  all.add_group("registries", std::move(flags));
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
      .own();
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
  if (retry_count < 0)
    throw Error(ErrorKind::kUsage, fmt::format("Expected --registry-retry-count to be 0 or more, "
                                               "got {}",
                                               retry_count));
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
  options.retry.max_attempts = retry_count;
  options.bytes_per_second = bytes_per_second;
  if (requests_per_second > 0)
    options.between_requests =
        std::chrono::microseconds(std::chrono::seconds(1)) / requests_per_second;
  options.first_requests = concurrency.first_requests;
  options.most_requests = concurrency.requests;
  options.chunk_size = chunk_size;
  options.stall_timeout = std::chrono::ceil<std::chrono::seconds>(stall_timeout);
  options.uploads = uploads_directory(context.environment);
  if (!context.ui.is_imgpkg())
    options.on_no_journal = [&ui = context.ui] {
      ui.notice(
          "neither XDG_STATE_HOME nor HOME is set: a later run can not go on with uploads "
          "that break off");
    };
  options.user_agent = "tote/" TOTE_VERSION;
  if (!context.environment.get("IMGPKG_ENABLE_IAAS_AUTH").empty())
    context.ui.announce(
        "IMGPKG_ENABLE_IAAS_AUTH environment variable will be deprecated, please use the flag "
        "--activate-keychain to activate the needed keychains");
  if (!context.ui.is_imgpkg()) options.retry.on_retry = announce_retries(context.ui);
  if (context.debug) {
    options.trace = [&ui = context.ui](std::string_view message) { ui.debug(message); };
    options.keychain.say = options.trace;
  }
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
