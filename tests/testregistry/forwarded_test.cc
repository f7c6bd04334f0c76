// What a proxy says, and whom it is believed of.
#include "testregistry/http/forwarded.h"

#include "testregistry/http/handler.h"
#include "tests/support/http_connection.h"
#include "tests/support/matchers.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

TrustedProxies trusted(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& network : networks) proxies.add(network);
  return proxies;
}

struct Row {
  const char* name;
  NameValues headers;
  const char* client;
  const char* scheme;
  const char* host;
};
class ForwardedRequest : public testing::TestWithParam<Row> {};

TEST_P(ForwardedRequest, IsReadAsTheNearestTrustedProxySaysIt) {
  const RequestHead head{"GET", "/v2/", {}, GetParam().headers, {}};
  const Forwarded said = read_forwarded(head, trusted({"10.0.0.0/8", "fd00::/8"}));
  EXPECT_EQ(said.client, GetParam().client);
  EXPECT_EQ(said.scheme, GetParam().scheme);
  EXPECT_EQ(said.host, GetParam().host);
}

INSTANTIATE_TEST_SUITE_P(
    All, ForwardedRequest,
    testing::Values(
        Row{"Nothing", {}, "", "", ""},
        Row{"OneOfEach",
            {{"X-Forwarded-For", "192.0.2.1"},
             {"X-Forwarded-Proto", "https"},
             {"X-Forwarded-Host", "registry.example:5000"}},
            "192.0.2.1",
            "https",
            "registry.example:5000"},
        Row{"OtherCase", {{"x-forwarded-proto", "HTTPS"}}, "", "https", ""},
        Row{"Chain", {{"X-Forwarded-For", "192.0.2.1, 10.0.0.2"}}, "192.0.2.1", "", ""},
        Row{"ForgedBeginning",
            {{"X-Forwarded-For", "203.0.113.9, 192.0.2.1"}},
            "192.0.2.1",
            "",
            ""},
        Row{"TwoHeaders",
            {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "192.0.2.1"}},
            "192.0.2.1",
            "",
            ""},
        Row{"AllTrusted", {{"X-Forwarded-For", "10.1.1.1, 10.0.0.2"}}, "10.1.1.1", "", ""},
        Row{"WithPort", {{"X-Forwarded-For", "192.0.2.1:4711"}}, "192.0.2.1", "", ""},
        Row{"NoAddress", {{"X-Forwarded-For", "evil\nline"}}, "", "", ""},
        Row{"NoScheme", {{"X-Forwarded-Proto", "javascript"}}, "", "", ""},
        Row{"NoHost", {{"X-Forwarded-Host", "x\",realm=\"evil"}}, "", "", ""},
        Row{"Standard",
            {{"Forwarded", "for=192.0.2.1;proto=https;host=registry.example"}},
            "192.0.2.1",
            "https",
            "registry.example"},
        Row{"StandardQuoted",
            {{"Forwarded", "For=\"[2001:db8::1]:4711\" ; Proto=https"}},
            "2001:db8::1",
            "https",
            ""},
        Row{"StandardChain",
            {{"Forwarded", "for=192.0.2.1;proto=https;host=a.example, for=10.0.0.2;proto=http"}},
            "192.0.2.1",
            "https",
            "a.example"},
        Row{"StandardHidden", {{"Forwarded", "for=unknown;proto=https"}}, "", "https", ""},
        Row{"BothForTheClient",
            {{"Forwarded", "for=203.0.113.9;proto=https"}, {"X-Forwarded-For", "192.0.2.1"}},
            "",
            "",
            ""},
        Row{"StandardBeatsTheOthers",
            {{"Forwarded", "proto=https"}, {"X-Forwarded-Proto", "http"}},
            "",
            "https",
            ""}),
    [](const auto& row) { return row.param.name; });

TEST(TrustedProxies, AreAddressesAndNetworks) {
  const TrustedProxies proxies = trusted({"192.0.2.7", "10.0.0.0/8", "172.16.0.0/12", "::1"});
  for (const char* inside : {"192.0.2.7", "10.255.0.1", "172.31.0.1", "::1", "::ffff:10.0.0.1"})
    EXPECT_TRUE(proxies.contains(inside)) << inside;
  for (const char* outside : {"192.0.2.8", "11.0.0.1", "172.32.0.1", "::2", "", "localhost"})
    EXPECT_FALSE(proxies.contains(outside)) << outside;
  for (const char* wrong : {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10/8"})
    EXPECT_THAT([&] { trusted({wrong}); },
                test::ThrowsError(ErrorKind::kUsage, "Expected an address or a network"))
        << wrong;
}

std::string seen_by_the_registry(ServerOptions options) {
  test::TestRegistry registry(std::move(options));
  test::Noted<std::string> seen;
  registry.interceptor().replace([&](const RequestHead& head) -> std::optional<Response> {
    seen.set(fmt::format("{} {} {}", head.client, head.scheme, head.forwarded_host));
    return std::nullopt;
  });
  test::HttpConnection(registry.address())
      .ask("GET", "/v2/", "",
           "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: "
           "r.example\r\n");
  return seen.get();
}

TEST(Server, BelievesTrustedProxiesAlone) {
  EXPECT_EQ(seen_by_the_registry({}), "127.0.0.1 http ");
  ServerOptions options;
  options.trusted_proxies.add("10.0.0.0/8");
  EXPECT_EQ(seen_by_the_registry(options), "127.0.0.1 http ");
  options.trusted_proxies.add("127.0.0.0/8");
  EXPECT_EQ(seen_by_the_registry(options), "192.0.2.1 https r.example");
}

}  // namespace
}  // namespace tote::testregistry
