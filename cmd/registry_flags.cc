#include "cmd/registry_flags.h"

#include "base/error.h"
#include "base/text.h"
#include "cmd/progress/retry_notices.h"

#include <fmt/format.h>

namespace tote::cmd {
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
  all.add_group("registries", std::move(flags));
}

std::unique_ptr<registry::Client> RegistryFlags::make_client(const CommandContext& context) const {
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
  return std::make_unique<registry::Client>(options);
}

}  // namespace tote::cmd
