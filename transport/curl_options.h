// What libcurl is told of a request. For the other curl_*.cc files of this folder only.
#pragma once

#include "transport/curl_handles.h"
#include "transport/curl_transport.h"
#include "transport/host_certificates.h"
#include "transport/http.h"
#include "transport/trusted_authorities.h"

#include <string>

namespace tote::transport {

// Sets the options of one transfer, all but the callbacks. Holds what libcurl keeps pointers to, so
// it has to live as long as the transfer.
class TransferOptions {
 public:
  // Throws what CurlOptions::certificates_of throws, Error{kInternal}.
  void apply(CURL* easy, const Request& request, const CurlOptions& options,
             AuthoritiesByOrigin& authorities);

 private:
  void set_tls(CURL* easy, const Request& request, const CurlOptions& options,
               AuthoritiesByOrigin& authorities);
  void set_headers(CURL* easy, const Request& request);
  void append_header(const std::string& line);

  HostCertificates certificates_;
  UniqueList headers_;
  UniqueList addresses_;
};

}  // namespace tote::transport
