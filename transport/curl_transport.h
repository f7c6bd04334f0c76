// HTTP by libcurl.
#pragma once

#include "transport/ca_files.h"
#include "transport/host_certificates.h"
#include "transport/http.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tote::transport {

// What the libcurl can that this program runs with: of "http2", "https", "ipv6".
std::vector<std::string> curl_features();

struct CurlOptions {
  std::string extra_ca_pem = {};  // trusted beside the system's
  SystemAuthorities authorities = {};
  VerifyCertificates verify = VerifyCertificates::kYes;
  // Shown to servers that ask for one, by requests that may show it.
  ClientCertificate client = {};
  // What stands above all these for one origin: its authorities in place of `extra_ca_pem`, its
  // client certificate in place of `client`, whether its certificate is checked. Called from any
  // thread; may be empty, may throw.
  std::function<HostCertificates(const std::string& origin)> certificates_of = {};
  std::chrono::milliseconds response_header_timeout{30'000};  // from the last byte sent
  // Fewer than 64 bytes a second for so long: a dead or hostile peer.
  std::chrono::seconds stall_timeout{60};
  std::string user_agent = "tote";
  // "HOST:PORT:ADDRESS[,ADDRESS]", in place of what DNS says.
  std::vector<std::string> addresses = {};
};

struct CurlState;

// Connections are kept alive and reused, last used first. HTTP/1.1. Proxy variables of the
// environment are honoured, except for this machine.
//
// One transfer is one thread's: a download is driven by whoever reads it, so that TCP holds the
// sender back, and an upload pulls from its source inside open().
class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;
  std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) override;

 private:
  std::shared_ptr<CurlState> state_;  // replies bring their connection back to it
};

}  // namespace tote::transport
