// One request and its answer, by libcurl. For the other curl_*.cc files of this folder only.
#pragma once

#include "transport/curl_connections.h"
#include "transport/curl_options.h"
#include "transport/curl_transport.h"
#include "transport/http.h"
#include "transport/incoming_bytes.h"
#include "transport/outgoing_body.h"

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace tote::transport {

// What all transfers of a transport have in common.
struct CurlState {
  explicit CurlState(CurlOptions given)
      : options(std::move(given)), authorities(options.extra_ca_pem, options.authorities) {}

  const CurlOptions options;
  AuthoritiesByOrigin authorities;  // outlive the connections
  ConnectionPool connections;
};

// Driven by whoever calls it: libcurl works inside read_head() and read_some() only, and pauses in
// between. Belongs to one thread. Neither movable nor copyable: libcurl keeps its address.
class CurlExchange {
 public:
  CurlExchange(std::shared_ptr<CurlState> state, const Request& request, std::stop_token stop);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;
  ~CurlExchange();

  // Sends the request and returns when the head of the answer is there. From then on the request's
  // body is not used any more. Throws what Transport::open() throws.
  void read_head();

  int status() const;
  Headers take_fields() { return std::move(fields_); }
  // Of the answer's Retry-After, if there is one.
  std::chrono::seconds retry_after() const;

  // As Source::read_some(), of the answer's body. REQUIRES: read_head() has returned
  std::size_t read_some(MutableBytes out);

 private:
  struct Wake {
    CURLM* multi;
    void operator()() const noexcept { curl_multi_wakeup(multi); }
  };

  CURL* easy() const { return connection_->easy.get(); }
  CURLM* multi() const { return connection_->multi.get(); }

  void set_callbacks();
  template <class Enough>
  void drive(Enough enough);
  void finish();
  void check_header_timeout();

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static int on_connected(void* self, char* address, char*, int, int) noexcept;
  static std::size_t on_write(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static std::size_t on_read(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept;
  template <class Body>
  std::size_t guard(std::size_t on_failure, Body body) noexcept;

  const std::shared_ptr<CurlState> state_;
  const Request request_;
  const std::stop_token stop_;
  const std::string origin_;
  TransferOptions transfer_options_;  // before the connection, which points into it
  std::unique_ptr<Connection> connection_;
  OutgoingBody outgoing_;
  IncomingBytes incoming_;
  Headers fields_;  // of the answer
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::exception_ptr failure_;  // of a callback
  std::exception_ptr broken_;   // what ended the transfer after the bytes that were handed out
  std::chrono::steady_clock::time_point waiting_since_;
  bool head_complete_ = false;
  bool done_ = false;
  bool is_sound_ = true;  // nothing has gone wrong in libcurl
  std::optional<std::stop_callback<Wake>> wake_on_stop_;
};

}  // namespace tote::transport
