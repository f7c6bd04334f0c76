// A real registry on a real port, in this process, that remembers what it was asked and can be
// told to misbehave.
#pragma once

#include "testregistry/http/filter.h"
#include "testregistry/registry.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tote::test {

// Stands before the registry. Thread-safe.
class Interceptor final : public testregistry::HandlerFilter {
 public:
  // What to do about a request instead of, or after, the registry's own answer.
  using Replace =
      std::function<std::optional<testregistry::Response>(const testregistry::RequestHead&)>;
  using Change = std::function<void(const testregistry::RequestHead&, testregistry::Response&)>;

  explicit Interceptor(testregistry::Handler& inner) : HandlerFilter(inner) {}

  void replace(Replace replace);
  void change(Change change);
  // "GET /v2/", in order of arrival.
  std::vector<std::string> requests() const;
  std::size_t count(const std::string& prefix) const;
  void forget_requests();

  // Every request is seen.
  std::optional<testregistry::Response> answer_now(const testregistry::RequestHead&) override {
    return std::nullopt;
  }
  testregistry::Begun begin(const testregistry::RequestHead& head) override;

 private:
  mutable std::mutex mutex_;
  Replace replace_;                    // guarded by mutex_
  Change change_;                      // guarded by mutex_
  std::vector<std::string> requests_;  // guarded by mutex_
};

// What an interceptor's function has seen, for the test to read: they are on different threads.
template <class T>
class Noted {
 public:
  void set(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }
  T get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_{};  // guarded by mutex_
};

class TestRegistry {
 public:
  using Wrap = std::function<std::unique_ptr<testregistry::Handler>(testregistry::Handler&)>;

  explicit TestRegistry(testregistry::ServerOptions options = {});
  // Behind a handler of the test's own (authentication), made from the registry.
  explicit TestRegistry(const Wrap& wrap, testregistry::ServerOptions options = {},
                        testregistry::RegistryOptions allowed = {});
  static Wrap no_wrap() {
    return [](testregistry::Handler&) { return nullptr; };
  }

  std::string address() const { return registry_.ready().address; }
  std::string url() const { return registry_.ready().url; }
  testregistry::Storage& storage() { return registry_.storage(); }
  Interceptor& interceptor() { return *interceptor_; }

 private:
  std::unique_ptr<testregistry::Handler> wrapped_;
  Interceptor* interceptor_ = nullptr;  // of the registry
  testregistry::Registry registry_;     // last: stopped before what stands in front of it goes
};

// `inner` behind Basic authentication, with the users of an htpasswd file's text.
std::unique_ptr<testregistry::Handler> with_passwords(testregistry::Handler& inner,
                                                      const std::string& htpasswd);
// The connection ends after so many bytes of the body, or before the status line.
void cut(testregistry::Response& response, std::uint64_t at);
void drop(testregistry::Response& response);
// The whole body of a response, for tests that call handlers directly.
std::string body_of(const testregistry::Response& response);
// Sends a request through a handler, without a socket.
testregistry::Response call(testregistry::Handler& handler, testregistry::RequestHead head,
                            const std::string& body = {});

}  // namespace tote::test
