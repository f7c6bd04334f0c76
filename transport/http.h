// The seam between the registry protocol and the network: one real implementation
// (CurlTransport), scripted ones in tests.
#pragma once

#include "base/stream.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::transport {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What a request carries: nothing, bytes that can be sent any number of times, or a stream. Points
// to what its owner keeps while open() runs; nothing copies it.
class Body {
 public:
  Body() = default;
  explicit Body(ConstBytes bytes) : bytes_(bytes), size_(bytes.size()) {}
  explicit Body(std::string_view text) : Body(as_bytes(text)) {}
  // REQUIRES: `source` has `size` bytes
  Body(Source& source, std::uint64_t size) : source_(&source), size_(size) {}

  std::uint64_t size() const noexcept { return size_; }
  bool is_empty() const noexcept { return source_ == nullptr && size_ == 0; }
  bool can_be_sent_again() const noexcept { return source_ == nullptr; }
  Source* source() const noexcept { return source_; }  // null: it is bytes()
  ConstBytes bytes() const noexcept { return bytes_; }
  // So little that it goes with the head of the request, in one packet often.
  bool is_small() const noexcept { return source_ == nullptr && size_ <= kSmall; }

 private:
  static constexpr std::uint64_t kSmall = 32U << 10U;

  ConstBytes bytes_;
  Source* source_ = nullptr;
  std::uint64_t size_ = 0;
};

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers = {};
  // What the user gives to this server: gone where a redirect leads to another.
  Headers host_headers = {};
  Body body = {};
  // About how many bytes the answer's body will have; buffers are no larger.
  std::uint64_t expected_size = UINT64_MAX;

  bool is_secret = false;  // its body and the answer's are not to be shown to anybody
  // The server may see the client certificate that the user gave for all registries.
  bool shows_certificate = false;
  // Carries credentials in plain text: sent only to an address that is_nearby_address() (url.h)
  // allows, past any proxy; else Error{kUnauthorized} before the first byte.
  bool stays_nearby = false;
};

// A response whose head has arrived; reading it reads the body. Belongs to one thread. Destroying
// it early gives the rest up.
class Reply : public Source {
 public:
  int status() const noexcept { return status_; }
  // nullopt when there is none; names compared without case.
  std::optional<std::string> header(std::string_view name) const;
  std::vector<std::string> headers(std::string_view name) const;
  const Headers& fields() const noexcept { return headers_; }
  // Of the answer, after redirects: what a Location is relative to.
  const std::string& url() const noexcept { return url_; }
  // Of the Retry-After field, either form.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

 protected:
  int status_ = 0;
  Headers headers_;
  std::string url_;
  std::optional<std::chrono::seconds> retry_after_;
};

// Another reply, whose body is read in a way of its own.
class ReplyFilter : public Reply {
 protected:
  explicit ReplyFilter(std::unique_ptr<Reply> inner);
  Reply& inner() noexcept { return *inner_; }

 private:
  const std::unique_ptr<Reply> inner_;
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
  // the body's source throws unchanged. `stop` also guards the reading of the reply.
  virtual std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) = 0;
};

}  // namespace tote::transport
