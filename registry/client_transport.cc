#include "registry/client_transport.h"

#include "base/error.h"
#include "transport/ca_files.h"
#include "transport/curl_transport.h"
#include "transport/url.h"

namespace tote::registry {
namespace {

// Of registries that have certificates of their own, by origin.
using OwnCertificates = std::map<std::string, transport::HostCertificates>;

OwnCertificates own_certificates(const ClientOptions& options) {
  OwnCertificates all;
  for (const auto& [registry, host] : options.hosts)
    all[transport::origin_of("https://" + registry)] = {
        transport::read_ca_files(host.ca_paths),
        transport::read_client_certificate(host.client_certificate, host.client_key),
        host.verify_certificates ? transport::VerifyCertificates::kYes
                                 : transport::VerifyCertificates::kNo};
  return all;
}

// `found` in the directories of the machine, and what is the registry's own.
transport::HostCertificates with_own(transport::HostCertificates found, const OwnCertificates& own,
                                     const std::string& origin, const std::string& extra) {
  const auto entry = own.find(origin);
  const bool is_own = entry != own.end();
  const std::string& given = is_own ? entry->second.authorities : extra;
  if (is_own || !found.authorities.empty()) found.authorities += given;
  if (!is_own) return found;
  found.verify = entry->second.verify;
  if (!entry->second.client.certificate.empty()) found.client = entry->second.client;
  return found;
}

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
  curl.certificates_of = [directories, with_system, own = own_certificates(options),
                          extra = curl.extra_ca_pem](const std::string& origin) {
    auto found = with_own(directories->of(origin), own, origin, extra);
    if (!found.authorities.empty()) found.authorities = with_system(found.authorities);
    return found;
  };
  if (!curl.extra_ca_pem.empty()) curl.extra_ca_pem = with_system(curl.extra_ca_pem);
  curl.client = transport::read_client_certificate(options.client_certificate, options.client_key);
  curl.verify = options.verify_certificates ? transport::VerifyCertificates::kYes
                                            : transport::VerifyCertificates::kNo;
  curl.response_header_timeout = options.response_header_timeout;
  curl.stall_timeout = options.stall_timeout;
  curl.user_agent = options.user_agent;
  curl.addresses = options.addresses;
  return curl;
}

}  // namespace

std::unique_ptr<transport::Transport> make_transport(const ClientOptions& options) {
  auto transport = std::make_unique<transport::CurlTransport>(while_doing(
      [] { return "Creating registry HTTP transport"; }, [&] { return curl_options(options); }));
  if (!options.trace) return transport;
  return std::make_unique<transport::TracingTransport>(std::move(transport), options.trace);
}

}  // namespace tote::registry
