#include "testregistry/server_certificate.h"

#include "base/temporary_file.h"
#include "testregistry/http/self_signed.h"

#include <algorithm>
#include <utility>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kMaxPem = 1U << 20U;

std::vector<std::string> hosts_of(const std::vector<ListenAddress>& listen) {
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  for (const ListenAddress& address : listen)
    if (!address.host.empty() && std::find(hosts.begin(), hosts.end(), address.host) == hosts.end())
      hosts.push_back(address.host);
  return hosts;
}

}  // namespace

ServerCertificate::ServerCertificate(TlsFiles files, const std::vector<ListenAddress>& listen)
    : files_(std::move(files)) {
  if (!is_made_here()) return;
  SelfSigned made = make_self_signed(hosts_of(listen));
  ca_pem_ = std::move(made.ca_pem);
  made_ = std::move(made.tls);
}

ServerTls ServerCertificate::read() const {
  ServerTls tls = made_;
  if (!is_made_here()) {
    tls.certificate_pem = read_file(files_.certificate, kMaxPem);
    tls.key_pem = read_file(files_.key, kMaxPem);
    tls.certificate_name = files_.certificate.string();
    tls.key_name = files_.key.string();
  }
  if (!files_.client_ca.empty()) {
    tls.client_ca_pem = read_file(files_.client_ca, kMaxPem);
    tls.client_ca_name = files_.client_ca.string();
  }
  return tls;
}

std::string ServerCertificate::ca_path() const {
  if (!is_made_here() || files_.ca_out.empty()) return {};
  return std::filesystem::absolute(files_.ca_out).string();
}

void ServerCertificate::write_ca() const {
  if (ca_path().empty()) return;
  replace_file(files_.ca_out, ca_pem_, 0644);
}

}  // namespace tote::testregistry
