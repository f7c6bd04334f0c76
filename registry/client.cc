#include "registry/client.h"

#include "base/error.h"
#include "base/mutex.h"
#include "transport/ca_files.h"
#include "transport/curl_transport.h"
#include "transport/limited_transport.h"

namespace tote::registry {
namespace {

transport::CurlOptions curl_options(const ClientOptions& options) {
  transport::CurlOptions curl;
  curl.authorities = transport::find_system_authorities(options.environment);
  curl.extra_ca_pem = transport::read_ca_files(options.ca_paths);
  // Read only where libcurl is to be given the text of all: else it reads the file itself.
  const auto with_system = [file = curl.authorities.file](const std::string& pem) {
    return file.empty() ? pem : pem + transport::read_ca_files({file});
  };
  // A host's own authorities are trusted beside all others.
  auto directories = std::make_shared<transport::CertificateDirectories>(
      options.certificate_roots.value_or(transport::certificate_roots(options.environment)));
  curl.certificates_of = [directories, with_system,
                          extra = curl.extra_ca_pem](const std::string& origin) {
    transport::HostCertificates found = directories->of(origin);
    if (!found.authorities.empty()) found.authorities = with_system(found.authorities + extra);
    return found;
  };
  if (!curl.extra_ca_pem.empty()) curl.extra_ca_pem = with_system(curl.extra_ca_pem);
  curl.client = transport::read_client_certificate(options.client_certificate, options.client_key);
  curl.verify = options.verify_certificates ? transport::VerifyCertificates::kYes
                                            : transport::VerifyCertificates::kNo;
  curl.response_header_timeout = options.response_header_timeout;
  curl.stall_timeout = options.stall_timeout;
  curl.user_agent = options.user_agent;
  return curl;
}

std::unique_ptr<transport::Transport> make_transport(const ClientOptions& options) {
  auto transport = std::make_unique<transport::CurlTransport>(while_doing(
      [] { return "Creating registry HTTP transport"; }, [&] { return curl_options(options); }));
  if (!options.trace) return transport;
  return std::make_unique<transport::TracingTransport>(std::move(transport), options.trace);
}

std::unique_ptr<transport::Transport> limit(transport::Transport& inner,
                                            const ClientOptions& options, Clock& clock) {
  if (options.bytes_per_second == 0) return nullptr;
  return std::make_unique<transport::LimitedTransport>(inner, options.bytes_per_second, clock);
}

}  // namespace

Client::Client(const ClientOptions& options, Clock& clock)
    : Client(options, make_transport(options), clock) {}

Client::Client(const ClientOptions& options, std::unique_ptr<transport::Transport> transport,
               Clock& clock)
    : Client(options, *transport, clock) {
  own_transport_ = std::move(transport);
}

Client::Client(const ClientOptions& options, transport::Transport& transport, Clock& clock)
    : limited_(limit(transport, options, clock)),
      transport_(limited_ ? *limited_ : transport),
      journal_(options.uploads, options.on_no_journal),
      keychain_(options.keychain, options.environment),
      settings_{.insecure = options.insecure,
                .retry = options.retry,
                .between_requests = options.between_requests,
                .first_requests = options.first_requests,
                .most_requests = options.most_requests,
                .chunk_size = options.chunk_size,
                .journal = &journal_,
                .imgpkg_words = options.imgpkg_words},
      clock_(clock) {}

RemoteRepository& Client::repository(const oci::Repository& name) {
  const Lock lock(mutex_);
  std::unique_ptr<RemoteRepository>& repository = repositories_[name];
  if (!repository) repository = std::make_unique<RemoteRepository>(host_of(name.registry), name);
  return *repository;
}

Host& Client::host(const std::string& registry) {
  const Lock lock(mutex_);
  return host_of(registry);
}

Host& Client::host_of(const std::string& registry) {
  std::unique_ptr<Host>& host = hosts_[registry];
  if (!host) host = std::make_unique<Host>(registry, settings_, transport_, keychain_, clock_);
  return *host;
}

WebFiles Client::web() {
  return {transport_, keychain_, settings_.retry, clock_, settings_.insecure};
}

std::size_t Client::allowed_requests() {
  const Lock lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [name, host] : hosts_) sum += std::min(host->allowed_requests(), kNoLimit - sum);
  return std::max(sum, settings_.first_requests);
}

}  // namespace tote::registry
