#include "registry/client.h"

#include "base/error.h"
#include "registry/ca_files.h"
#include "registry/curl_transport.h"

namespace tote::registry {
namespace {

std::unique_ptr<HttpTransport> make_transport(const ClientOptions& options) {
  CurlOptions curl;
  curl.authorities = find_system_authorities();
  curl.extra_ca_pem = while_doing([] { return "Creating registry HTTP transport"; },
                                  [&] { return read_ca_files(options.ca_paths); });
  if (!curl.extra_ca_pem.empty() && !curl.authorities.file.empty())
    curl.extra_ca_pem += read_ca_files({curl.authorities.file});
  curl.verify = options.verify_certificates ? VerifyCertificates::kYes : VerifyCertificates::kNo;
  curl.response_header_timeout = options.response_header_timeout;
  curl.user_agent = options.user_agent;
  auto transport = std::make_unique<CurlTransport>(std::move(curl));
  if (!options.trace) return transport;
  return std::make_unique<TracingTransport>(std::move(transport), options.trace);
}

}  // namespace

Client::Client(const ClientOptions& options, Clock& clock)
    : own_transport_(make_transport(options)),
      transport_(*own_transport_),
      keychain_(options.keychain),
      settings_{options.insecure, options.retry},
      clock_(clock) {}

Client::Client(const ClientOptions& options, HttpTransport& transport, Clock& clock)
    : transport_(transport),
      keychain_(options.keychain),
      settings_{options.insecure, options.retry},
      clock_(clock) {}

RemoteRepository& Client::repository(const oci::Repository& name) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Host>& host = hosts_[name.registry];
  if (!host) host = std::make_unique<Host>(name.registry, settings_, transport_, keychain_, clock_);
  std::unique_ptr<RemoteRepository>& repository = repositories_[name];
  if (!repository) repository = std::make_unique<RemoteRepository>(*host, name);
  return *repository;
}

}  // namespace tote::registry
