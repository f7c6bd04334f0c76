// A web server of files, over TLS or not, that remembers what it was asked.
#pragma once

#include "tests/support/test_registry.h"

#include <map>
#include <mutex>
#include <string>

namespace tote::test {

class WebServer {
 public:
  // `tls`: of its certificate; else it speaks plain http.
  explicit WebServer(std::optional<testregistry::ServerTls> tls = {});

  // "https://127.0.0.1:4711"
  std::string url() const { return registry_.url(); }
  std::string address() const { return registry_.address(); }

  void put(const std::string& path, std::string content);
  // A redirect from there.
  void lead(const std::string& path, const std::string& location);
  // Who asks without this user and password gets 401. "user:password"
  void lock(const std::string& user_and_password);
  // The Authorization of each request, empty without one, by path.
  std::multimap<std::string, std::string> asked() const;

 private:
  class Files;

  Files* files_ = nullptr;  // of the registry
  TestRegistry registry_;
};

}  // namespace tote::test
