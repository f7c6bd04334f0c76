#include "transport/curl_errors.h"

#include "base/text.h"
#include "transport/url.h"

#include <fmt/format.h>

namespace tote::transport {
namespace {

// 'Get "https://...": ', as Go's errors begin.
std::string request_of(const Request& request) {
  return fmt::format("{}{} \"{}\": ", request.method.substr(0, 1),
                     to_lower(request.method).substr(1), redact_url(request.url));
}

// A sentence of libcurl's behind ours: "failed to connect", but "SSL certificate problem".
std::string continued(std::string text) {
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z') text[0] = to_lower(text.substr(0, 1))[0];
  return text;
}

// What may go better the next time. Certificates, URLs and redirects do not.
bool is_transient(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_SEND_FAIL_REWIND:  // an idle connection that the server closed as we used it
      return true;
    default:
      return false;
  }
}

std::string authorities_hint(const SystemAuthorities& system) {
  if (system.looked_for.empty())
    return "if the server's certificate is of an authority of your own, name the authority's file "
           "with --registry-ca-cert-path";
  return fmt::format(
      "there are no certificates of authorities on this machine (looked for {}): name a file of "
      "them with SSL_CERT_FILE or --registry-ca-cert-path",
      fmt::join(system.looked_for, ", "));
}

}  // namespace

Error transfer_error(const Request& request, CURLcode code, const std::string& text,
                     const SystemAuthorities& authorities) {
  Error error(ErrorKind::kTransport,
              request_of(request) + continued(text.empty() ? curl_easy_strerror(code) : text),
              is_transient(code) ? Retry::kYes : Retry::kNo);
  if (code == CURLE_PEER_FAILED_VERIFICATION) error.with_hint(authorities_hint(authorities));
  return error;
}

// Not tried again, as in imgpkg: a server that takes so long is at work on the request.
Error slow_answer_error(const Request& request) {
  Error error(ErrorKind::kTransport, request_of(request) + "timeout awaiting response headers");
  error.with_hint("a longer time can be given with --registry-response-header-timeout");
  return error;
}

Error far_address_error(const Request& request, const std::string& address) {
  return {ErrorKind::kUnauthorized,
          fmt::format("{}credentials are not sent there, since the connection is not encrypted and "
                      "leads to '{}', which is no private address",
                      request_of(request), address)};
}

}  // namespace tote::transport
