// A handler on a TCP port: HTTP/1.1, with or without TLS.
#pragma once

#include "testregistry/http/handler.h"
#include "testregistry/http/server_options.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tote::testregistry {

// Listening when the constructor returns. Thread-safe.
class Server {
 public:
  // `handler` must outlive the server. Throws Error{kIo} (address in use) or Error{kParse} (TLS).
  Server(Handler& handler, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Closes every connection, waits for what is being written, and joins every thread.
  ~Server();

  // In the order of the options; a name may have brought several.
  std::vector<std::string> addresses() const;
  std::string address() const { return addresses().front(); }  // "127.0.0.1:5000"
  std::string url() const;                                     // "http://127.0.0.1:5000"
  std::size_t connections() const noexcept;

  // New connections use it. Throws Error{kParse}, and goes on with what it had.
  // REQUIRES: the server began with TLS
  void reload_tls(const ServerTls& tls);
  // Takes no more connections, and returns when the requests in flight are answered or `grace` is
  // over.
  void drain(std::chrono::milliseconds grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote::testregistry
