#include "registry/client.h"

#include "base/error.h"
#include "registry/ca_files.h"
#include "registry/curl_transport.h"

namespace tote::registry {
namespace {

CurlOptions curl_options(const ClientOptions& options) {
  CurlOptions curl;
  curl.authorities = find_system_authorities();
  curl.extra_ca_pem = read_ca_files(options.ca_paths);
  // Read only where libcurl is to be given the text of all: else it reads the file itself.
  const auto with_system = [file = curl.authorities.file](const std::string& pem) {
    return file.empty() ? pem : pem + read_ca_files({file});
  };
  // A host's own authorities are trusted beside all others.
  auto directories = std::make_shared<CertificateDirectories>(options.certificate_roots);
  curl.certificates_of = [directories, with_system,
                          extra = curl.extra_ca_pem](const std::string& origin) {
    HostCertificates found = directories->of(origin);
    if (!found.authorities.empty()) found.authorities = with_system(found.authorities + extra);
    return found;
  };
  if (!curl.extra_ca_pem.empty()) curl.extra_ca_pem = with_system(curl.extra_ca_pem);
  curl.client = read_client_certificate(options.client_certificate, options.client_key);
  curl.verify = options.verify_certificates ? VerifyCertificates::kYes : VerifyCertificates::kNo;
  curl.response_header_timeout = options.response_header_timeout;
  curl.user_agent = options.user_agent;
  return curl;
}

std::unique_ptr<HttpTransport> make_transport(const ClientOptions& options) {
  auto transport = std::make_unique<CurlTransport>(while_doing(
      [] { return "Creating registry HTTP transport"; }, [&] { return curl_options(options); }));
  if (!options.trace) return transport;
  return std::make_unique<TracingTransport>(std::move(transport), options.trace);
}

}  // namespace

Client::Client(const ClientOptions& options, Clock& clock)
    : own_transport_(make_transport(options)),
      transport_(*own_transport_),
      keychain_(options.keychain),
      settings_{options.insecure, options.retry, options.imgpkg_words},
      clock_(clock) {}

Client::Client(const ClientOptions& options, HttpTransport& transport, Clock& clock)
    : transport_(transport),
      keychain_(options.keychain),
      settings_{options.insecure, options.retry, options.imgpkg_words},
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
