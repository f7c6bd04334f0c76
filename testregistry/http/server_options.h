// What a server is told, and what it tells.
#pragma once

#include "testregistry/http/forwarded.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

struct ServerTls {
  std::string certificate_pem;  // with the chain behind it
  std::string key_pem;
  // If given, clients must show a certificate of one of the authorities in it; at least one.
  std::optional<std::string> client_ca_pem = {};
  // Where they are from, for errors.
  std::string certificate_name = "the certificate";
  std::string key_name = "the key";
  std::string client_ca_name = "the client CA";
};

// One request, when its answer has gone or its connection has.
struct RequestRecord {
  std::string_view method;
  std::string_view target;  // as sent, path and query
  std::string_view remote;  // address of the client
  std::string_view user;    // empty: nobody has logged in
  std::string_view user_agent;
  int status = 0;              // 0: the client left before there was one
  std::uint64_t received = 0;  // bytes of the body
  std::uint64_t sent = 0;      // likewise
  std::chrono::steady_clock::duration duration{};
};

struct ListenAddress {
  // An address, a name (every address that it has), or empty: every address of the machine.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one, the same for every address of a name
};

struct ServerOptions {
  std::vector<ListenAddress> listen = {{}};  // at least one
  unsigned io_threads = 1;
  unsigned worker_threads = 4;  // for what may wait for a disk
  // Hashing passwords is slow on purpose. It has threads of its own, so that nobody else waits for
  // them; what goes beyond the queue is told 429.
  unsigned password_threads = 1;
  std::size_t max_waiting_passwords = 16;
  std::optional<ServerTls> tls = {};
  TrustedProxies trusted_proxies = {};
  // The head of a request has to be there so long after the connection or the last answer.
  std::chrono::seconds head_timeout{60};
  // Without a byte of a body in either direction.
  std::chrono::seconds body_timeout{60};
  std::uint32_t max_head_size = 32 * 1024;  // bytes; more is 431
  std::size_t max_connections = 16 * 1024;  // those above are told 503
  // Called on an I/O thread; nothing of the record outlives the call.
  std::function<void(const RequestRecord&)> on_request = {};
  // What went wrong inside, one line each, with the request it was about; called on any thread.
  std::function<void(std::string_view)> log = {};
};

}  // namespace tote::testregistry
