#include "transport/curl_transport.h"

#include "base/error.h"
#include "tests/support/test_registry.h"

#include <gtest/gtest.h>

#include <functional>

namespace tote::transport {
namespace {

std::string failure_of(CurlTransport& transport, const std::string& url) {
  try {
    const auto reply = transport.open({.url = url}, {});
    return "no failure: " + std::to_string(reply->status());
  } catch (const Error& error) {
    return error.message();
  }
}

// What a transfer leaves behind that failed must not be in the way of the next.
TEST(CurlTransport, FailsTheSameWayTwiceAndThenWorks) {
  test::TestRegistry registry;
  registry.interceptor().change(
      [](const testregistry::RequestHead& head, testregistry::Response& response) {
        if (head.path.ends_with("/dropped")) test::drop(response);
      });
  CurlTransport transport({});
  for (const std::string& url :
       {std::string("http://nobody.invalid/"), std::string("http://127.0.0.1:1/"),
        registry.url() + "/v2/dropped", std::string("https://") + registry.address() + "/v2/"}) {
    const std::string first = failure_of(transport, url);
    EXPECT_EQ(first.find("option"), std::string::npos) << first;
    EXPECT_EQ(failure_of(transport, url), first);
    EXPECT_EQ(failure_of(transport, registry.url() + "/v2/"), "no failure: 200");
  }
}

}  // namespace
}  // namespace tote::transport
