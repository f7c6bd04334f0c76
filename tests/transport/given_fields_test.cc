#include "transport/given_fields.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::transport {
namespace {

using test::ThrowsError;
using testing::Pair;

TEST(GivenFieldTest, IsANameAndAValue) {
  EXPECT_THAT(parse_given_field("X-Org: blue team "), Pair("X-Org", "blue team"));
  EXPECT_THAT(parse_given_field("X-Url:https://h:1/"), Pair("X-Url", "https://h:1/"));
}

TEST(GivenFieldTest, RefusesWhatIsNoField) {
  for (const char* text : {"", "X-Org", ": x", "X Org: x", "X-Org : x", "X-Org:", "X-Org: \t",
                           "X-Org: a\r\nX-Evil: b", "X-\xc3\xbc: x", "X-Org: a\x01"})
    EXPECT_THAT([&] { parse_given_field(text); }, ThrowsError(ErrorKind::kUsage, "")) << text;
}

TEST(GivenFieldTest, RefusesWhatTheProgramSaysItself) {
  for (const char* name :
       {"Host", "content-length", "Content-Type", "Transfer-Encoding", "Accept", "Accept-Encoding",
        "Range", "Expect", "Connection", "User-Agent", "Authorization"})
    EXPECT_THAT([&] { parse_given_field(std::string(name) + ": x"); },
                ThrowsError(ErrorKind::kUsage, std::string("'") + name))
        << name;
}

TEST(GivenFieldTest, DoesNotRepeatWhatMayBeASecret) {
  for (const char* text : {"hunter2", "X-Key: hunter2\nx"}) {
    try {
      parse_given_field(text);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), testing::Not(testing::HasSubstr("hunter2")));
    }
  }
}

TEST(GivenFieldTest, KnowsSecretsByTheirNames) {
  for (const char* name : {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie",
                           "X-Auth-Token", "X-Api-Key", "Private-Token", "CF-Access-Client-Secret",
                           "X-Password", "X-Session-Id", "X-JWT-Assertion", "X-Amz-Signature"})
    EXPECT_TRUE(is_secret_field(name)) << name;
  for (const char* name : {"WWW-Authenticate", "Proxy-Authenticate", "Content-Type", "X-Org",
                           "Location", "Docker-Content-Digest", "Docker-Upload-UUID"})
    EXPECT_FALSE(is_secret_field(name)) << name;
}

TEST(GivenAddressTest, IsHostPortAndAddress) {
  EXPECT_EQ(parse_given_address("H.example:443:127.0.0.1"), "h.example:443:127.0.0.1");
  for (const char* text :
       {"h:1:::1", "h:1:[::1]", "h:65535:10.0.0.1,10.0.0.2", "h-1.b_c:1:1.2.3.4"})
    EXPECT_EQ(parse_given_address(text), text);
}

TEST(GivenAddressTest, RefusesAnythingElse) {
  for (const char* text :
       {"", "h", "h:443", "h:443:", "h:0:127.0.0.1", "h:65536:127.0.0.1", "h:x:127.0.0.1",
        ":443:127.0.0.1", "*:443:127.0.0.1", "+h:443:127.0.0.1", "-h:443", "h:443:other.example",
        "h:443:127.0.0.1,", "h:443:127.0.0.1 ", "h:443:1.2.3", "[::1]:443:127.0.0.1"})
    EXPECT_THAT([&] { parse_given_address(text); },
                ThrowsError(ErrorKind::kUsage, "Expected --resolve as HOST:PORT:ADDRESS"))
        << text;
}

}  // namespace
}  // namespace tote::transport
