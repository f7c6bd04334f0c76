#include "transport/location.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::transport {
namespace {

struct Led {
  const char* name;
  const char* base;
  const char* reference;
  const char* to;  // empty: refused
};
class Location : public testing::TestWithParam<Led> {};

TEST_P(Location, LeadsWhereItMay) {
  const Led& row = GetParam();
  const auto led = [&] { return follow(row.base, row.reference); };
  if (*row.to == '\0')
    EXPECT_THROW(led(), Error) << row.reference;
  else
    EXPECT_EQ(led(), row.to);
}

constexpr const char* kTls = "https://reg.io/v2/a/blobs/uploads/";
constexpr const char* kTlsPort = "https://reg.io:8443/v2/a/blobs/uploads/";
constexpr const char* kPlain = "http://reg.io/v2/a/blobs/uploads/";
constexpr const char* kPlainPort = "http://reg.io:5000/v2/a/blobs/uploads/";

INSTANTIATE_TEST_SUITE_P(
    All, Location,
    testing::Values(
        Led{"APath", kTls, "/v2/a/1?_state=x%3D", "https://reg.io/v2/a/1?_state=x%3D"},
        Led{"ARelativePath", kTls, "abc", "https://reg.io/v2/a/blobs/uploads/abc"},
        Led{"WithoutAScheme", kTls, "//reg.io/x", "https://reg.io/x"},
        Led{"PlainOnTheSameHost", kTls, "http://reg.io/x?s=1", "https://reg.io/x?s=1"},
        Led{"PlainOnTheSameHostInOtherCase", kTls, "HTTP://REG.io/x", "https://REG.io/x"},
        Led{"PlainOnItsStandardPort", kTls, "http://reg.io:80/x", "https://reg.io/x"},
        Led{"PlainOnTheTlsPort", kTls, "http://reg.io:443/x", "https://reg.io:443/x"},
        Led{"PlainOnTheSamePort", kTlsPort, "http://reg.io:8443/x", "https://reg.io:8443/x"},
        Led{"PlainOnAnotherPort", kTls, "http://reg.io:5000/x", ""},
        Led{"PlainWithThePortLost", kTlsPort, "http://reg.io/x", ""},
        Led{"PlainOnAnotherHost", kTls, "http://store.io/x", ""},
        Led{"PlainOnASubdomain", kTls, "http://a.reg.io/x", ""},
        Led{"PlainByTheUsersPart", kTls, "http://reg.io@evil.io/x", ""},
        Led{"TlsOnAnotherHost", kTls, "https://store.io/x?sig=1", "https://store.io/x?sig=1"},
        Led{"TlsOnAnotherPort", kTls, "https://reg.io:444/x", "https://reg.io:444/x"},
        Led{"FromPlainToPlain", kPlain, "http://store.io/x", "http://store.io/x"},
        Led{"FromPlainToTls", kPlain, "https://reg.io/x", "https://reg.io/x"},
        Led{"TlsOnAPlainPort", kPlainPort, "https://reg.io:5000/x", "http://reg.io:5000/x"},
        Led{"AFragment", kTls, "/x?a=b#frag", "https://reg.io/x?a=b"},
        Led{"OnlyAFragment", kTls, "#frag", "https://reg.io/v2/a/blobs/uploads/"},
        Led{"UserAndPassword", kTls, "https://u:p@reg.io/x", "https://reg.io/x"},
        Led{"Ipv6", "https://[::1]:5000/v2/", "http://[::1]:5000/x", "https://[::1]:5000/x"},
        Led{"Blanks", kTls, " /x y?a=b c ", "https://reg.io/x%20y?a=b%20c"},
        Led{"Umlauts", kTls, "/\xC3\xA4", "https://reg.io/%C3%A4"},
        Led{"AQuestionMarkAtTheEnd", kTls, "/x?", "https://reg.io/x"},
        Led{"DotsInThePath", kTls, "../../b", "https://reg.io/v2/a/b"},
        Led{"Nothing", kTls, "", ""}, Led{"BlanksOnly", kTls, "   ", ""},
        Led{"ALineBreak", kTls, "/x\r\nHost: evil", ""},
        Led{"AControlCharacter", kTls, "/x\x01", ""},
        Led{"AnotherScheme", kTls, "ftp://reg.io/x", ""},
        Led{"AFile", kTls, "file:///etc/passwd", ""}, Led{"NoHost", kTls, "https://", ""},
        Led{"NoPort", kTls, "https://reg.io:99999/x", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Location, GetsTheDigestInItsQueryWhateverItEndsWith) {
  EXPECT_EQ(follow(kTls, "/x?a=b&"), "https://reg.io/x?a=b&");
}

TEST(Location, IsOfTheSameRegistryOnlyWithoutLosingTls) {
  EXPECT_TRUE(is_same_server("https://reg.io/", "https://REG.io:443/x"));
  EXPECT_TRUE(is_same_server("http://reg.io/", "https://reg.io/x"));
  for (const char* other : {"http://reg.io/", "https://reg.io:444/", "https://store.io/"})
    EXPECT_FALSE(is_same_server("https://reg.io/", other)) << other;
  EXPECT_FALSE(is_same_server("http://reg.io:5000/", "https://reg.io/"));
}

}  // namespace
}  // namespace tote::transport
