#include "transport/curl_options.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/url.h"

namespace tote::transport {
namespace {

constexpr long kConnectTimeoutSeconds = 30;
constexpr long kStallBytes = 64;
constexpr long kBufferSize = 256L * 1024;
constexpr long kSmallBufferSize = 64L * 1024;
// Of what fits into it most requests and answers are. The C library looks through all that is free
// whenever more than 64 KiB become free, and buffers are made for each transfer.
constexpr long kTinyBufferSize = 16L * 1024;
constexpr std::uint64_t kLargeBody = 1U << 20U;

bool is_read(const Request& request) {
  return request.method == "HEAD" || request.method == "GET";
}

long buffer_size(const Request& request) {
  const bool is_tiny = request.method != "GET" || request.expected_size <= kTinyBufferSize;
  return is_tiny ? kTinyBufferSize : kBufferSize;
}

// Sent together with the head. libcurl copies it.
void set_small_body(CURL* easy, ConstBytes body) {
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(easy, CURLOPT_COPYPOSTFIELDS, body.empty() ? "" : as_text(body).data());
}

void set_method(CURL* easy, const Request& request) {
  if (is_read(request)) return set(easy, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.body.is_small()) return set_small_body(easy, request.body.bytes());
  set(easy, CURLOPT_UPLOAD, 1L);
  set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE,
      request.body.size() < kLargeBody ? kSmallBufferSize : kBufferSize);
}

CURLcode on_tls_context(CURL* /*easy*/, void* context, void* authorities) {
  static_cast<TrustedAuthorities*>(authorities)->judge_for(static_cast<ssl_ctx_st*>(context));
  return CURLE_OK;
}

void set_authorities(CURL* easy, TrustedAuthorities& authorities) {
  // Nothing that libcurl would read itself.
  set(easy, CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(easy, CURLOPT_SSL_CTX_FUNCTION, &on_tls_context);
  set(easy, CURLOPT_SSL_CTX_DATA, static_cast<void*>(&authorities));
}

}  // namespace

void TransferOptions::apply(CURL* easy, const Request& request, const CurlOptions& options,
                            AuthoritiesByOrigin& authorities) {
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  set(easy, CURLOPT_CONNECTTIMEOUT, kConnectTimeoutSeconds);
  set(easy, CURLOPT_LOW_SPEED_LIMIT, kStallBytes);
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  set(easy, CURLOPT_BUFFERSIZE, buffer_size(request));
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  if (request.stays_nearby || is_loopback(host_of(request.url))) set(easy, CURLOPT_PROXY, "");
  for (const std::string& address : options.addresses) append(addresses_, address);
  if (addresses_) set(easy, CURLOPT_RESOLVE, addresses_.get());
  set_tls(easy, request, options, authorities);
  set_method(easy, request);
  set_headers(easy, request);
}

void TransferOptions::set_tls(CURL* easy, const Request& request, const CurlOptions& options,
                              AuthoritiesByOrigin& authorities) {
  const std::string origin = origin_of(request.url);
  if (origin.starts_with("https://") && options.certificates_of)
    certificates_ = options.certificates_of(origin);
  if (certificates_.verify.value_or(options.verify) == VerifyCertificates::kNo) {
    set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  } else {
    set_authorities(easy, authorities.of(origin, certificates_.authorities));
  }
  const bool has_own = !certificates_.client.certificate.empty();
  if (!has_own && request.shows_certificate) certificates_.client = options.client;
  if (certificates_.client.certificate.empty()) return;
  set_blob(easy, CURLOPT_SSLCERT_BLOB, certificates_.client.certificate);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, certificates_.client.key);
  set(easy, CURLOPT_KEYPASSWD, "");  // a key with a password is an error, not a question
}

void TransferOptions::set_headers(CURL* easy, const Request& request) {
  bool says_type = is_read(request);
  for (const Headers* fields : {&request.headers, &request.host_headers})
    for (const auto& [name, value] : *fields) {
      append_header(name + ": " + value);
      says_type = says_type || to_lower(name) == "content-type";
    }
  if (!says_type) append_header("Content-Type:");  // or libcurl would name one
  // For a body at hand, being asked to send it would only cost a round trip.
  if (request.body.can_be_sent_again()) append_header("Expect:");
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
}

void TransferOptions::append_header(const std::string& line) {
  if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    throw Error(ErrorKind::kInternal, "a header would hold a line break");
  append(headers_, line);
}

}  // namespace tote::transport
