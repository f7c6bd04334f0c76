// A handler on a TCP port: HTTP/1.1, with or without TLS.
#pragma once

#include "testregistry/handler.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tote::testregistry {

struct ServerTls {
  std::string certificate_pem;  // with the chain behind it
  std::string key_pem;
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address or a name to bind to
  std::uint16_t port = 0;          // 0: any free one
  unsigned io_threads = 1;
  unsigned worker_threads = 4;  // for what may block: disk, password hashes
  std::optional<ServerTls> tls = {};
  std::chrono::seconds idle_timeout{60};  // without a byte in either direction
  // What went wrong inside, one line each; called on any thread.
  std::function<void(std::string_view)> log = {};
};

// Listening when the constructor returns. Ignores SIGPIPE for the whole process, since sendfile()
// has no other way. Thread-safe.
class Server {
 public:
  // `handler` must outlive the server. Throws Error{kIo} (address in use) or Error{kParse} (TLS).
  Server(Handler& handler, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // closes every connection and joins every thread

  std::uint16_t port() const noexcept;
  std::string address() const;  // "127.0.0.1:5000"
  std::string url() const;      // "http://127.0.0.1:5000"

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote::testregistry
