// The seam between the registry protocol and the network: one real implementation
// (CurlTransport), scripted ones in tests.
#pragma once

#include "base/stream.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::transport {

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  // At most one of the two; a Source is not owned, and is read while open() runs.
  std::string body = {};
  Source* body_source = nullptr;
  std::uint64_t body_source_size = 0;

  bool is_secret = false;  // its body and the answer's are not to be shown to anybody
  // The server may see the client certificate that the user gave for all registries.
  bool shows_certificate = false;
  // Carries credentials in plain text: sent only to an address that is_nearby_address() (url.h)
  // allows, past any proxy; else Error{kUnauthorized} before the first byte.
  bool stays_nearby = false;

  bool has_body() const noexcept { return body_source != nullptr || !body.empty(); }
};

// A response whose head has arrived; reading it reads the body. Belongs to one thread. Destroying
// it early gives the rest up.
class Reply : public Source {
 public:
  int status() const noexcept { return status_; }
  // nullopt when there is none; names compared without case.
  std::optional<std::string> header(std::string_view name) const;
  std::vector<std::string> headers(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return headers_;
  }
  // Of the answer, after redirects: what a Location is relative to.
  const std::string& url() const noexcept { return url_; }
  // Of the Retry-After field, either form.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

 protected:
  int status_ = 0;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string url_;
  std::optional<std::chrono::seconds> retry_after_;
};

// Thread-safe.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // One attempt: sends the request and returns when the head of the response is there. Any status
  // is a value; who wants redirects followed has RedirectingTransport.
  // Throws Error{kTransport} when there is no response, Cancelled when `stop` fires, and what
  // `body_source` throws unchanged. `stop` also guards the reading of the reply.
  virtual std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) = 0;
};

}  // namespace tote::transport
