#include "transport/url.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::transport {
namespace {

TEST(Url, TellsOriginsApart) {
  EXPECT_EQ(origin_of("https://Reg.Example/v2/"), "https://reg.example:443");
  EXPECT_EQ(origin_of("http://[::1]:5000/"), "http://[::1]:5000");
  EXPECT_NE(origin_of("https://a/"), origin_of("http://a/"));
  EXPECT_NE(origin_of("https://a/"), origin_of("https://a:444/"));
  EXPECT_EQ(origin_of("https://user:pw@a/"), origin_of("https://a/"));
  for (const char* text : {"ftp://a/", "file:///etc/passwd", "nonsense", ""})
    EXPECT_THROW(origin_of(text), Error) << text;
}

TEST(Url, ResolvesLocations) {
  const std::string base = "https://a:1/v2/x/blobs/uploads/";
  EXPECT_EQ(resolve_url(base, "/v2/y?_state=q"), "https://a:1/v2/y?_state=q");
  EXPECT_EQ(resolve_url(base, "abc"), "https://a:1/v2/x/blobs/uploads/abc");
  EXPECT_EQ(resolve_url(base, "https://b/z"), "https://b/z");
}

TEST(Url, AddsParameters) {
  EXPECT_EQ(with_parameter("http://a/x", "digest", "sha256:1"), "http://a/x?digest=sha256%3A1");
  EXPECT_EQ(with_parameter("http://a/x?s=1", "d", "2"), "http://a/x?s=1&d=2");
}

TEST(RedactUrl, HidesUsersPasswordsAndSignatures) {
  EXPECT_EQ(redact_url("https://user:secret@a/x"), "https://a/x");
  EXPECT_EQ(redact_url("https://a/x?digest=sha256%3A1&X-Sig=abc&flag"),
            "https://a/x?digest=sha256%3A1&X-Sig=...&flag");
  EXPECT_EQ(redact_url("\n"), "...");
}

TEST(Url, AddsParametersWhateverTheUrlEndsWith) {
  EXPECT_EQ(with_parameter("http://a/x?", "d", "2"), "http://a/x?d=2");
  EXPECT_EQ(with_parameter("http://a/x?s=1&", "d", "2"), "http://a/x?s=1&d=2");
  EXPECT_EQ(with_parameter("http://a/x?s=1#f", "d", "2"), "http://a/x?s=1&d=2");
}

TEST(Url, KnowsWhichAddressesAreNotOfTheInternet) {
  for (const char* address :
       {"127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.1.1", "100.64.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"})
    EXPECT_TRUE(is_nearby_address(address)) << address;
  for (const char* address :
       {"128.0.0.1", "172.32.0.1", "192.169.0.1", "8.8.8.8", "100.128.0.1", "2001:db8::1",
        "::ffff:8.8.8.8", "localhost", "127.0.0.1.evil.example", "reg.local", "", "[::1]"})
    EXPECT_FALSE(is_nearby_address(address)) << address;
}

}  // namespace
}  // namespace tote::transport
