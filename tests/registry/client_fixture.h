// A client against real sockets, with a clock that does not wait.
#pragma once

#include "oci/verify.h"
#include "registry/client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/test_registry.h"
#include "transport/curl_transport.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tote::registry {

using test::random_bytes;
using test::TestRegistry;
using test::ThrowsError;

// "user" / "secret", bcrypt of the lowest cost.
inline constexpr const char* kHtpasswd =
    "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n";

class ClientTest : public testing::Test {
 protected:
  RemoteRepository& repository(const TestRegistry& registry, ClientOptions options = {}) {
    options.keychain.anonymous = options.keychain.username.empty();
    transport::CurlOptions curl;
    curl.extra_ca_pem = trusted_pem_;
    transports_.push_back(std::make_unique<transport::CurlTransport>(std::move(curl)));
    clients_.push_back(std::make_unique<Client>(options, *transports_.back(), clock_));
    return clients_.back()->repository({registry.address(), "some/app"});
  }

  oci::Descriptor descriptor(const std::string& bytes) const {
    return {"application/octet-stream", oci::Digest::of(bytes), bytes.size()};
  }

  std::string download(RemoteRepository& from, const oci::Descriptor& blob) const {
    const auto content = from.open_blob(blob, 0, {});
    return read_all(*content, 1U << 30U, "blob");
  }

  void upload(RemoteRepository& to, const std::string& bytes) const {
    const auto blob = descriptor(bytes);
    const auto session = to.begin_upload(blob, {});
    oci::VerifyingSource content(std::make_unique<StringSource>(bytes), blob);
    session->append(content, bytes.size());
    session->commit();
  }

  // As upload(), but as often as a copy would: from where the registry is.
  void push(RemoteRepository& to, const std::string& bytes) {
    const auto blob = descriptor(bytes);
    std::unique_ptr<oci::Upload> session;
    for (Retries retries(to.retry_policy(), clock_);;) {
      try {
        if (!session) session = to.begin_upload(blob, {});
        const std::uint64_t offset = session->offset();
        StringSource rest(bytes.substr(offset));
        session->append(rest, bytes.size() - offset);
        return session->commit();
      } catch (Error& failure) {
        retries.wait_or_rethrow(failure, {});
      }
    }
  }

  std::string trusted_pem_;  // for TLS; empty: the system's authorities only
  test::FakeClock clock_;
  std::vector<std::unique_ptr<transport::CurlTransport>> transports_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace tote::registry
