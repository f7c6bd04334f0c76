#include "oci/platform.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

TEST(ParsePlatform, ReadsSystemArchitectureAndVariant) {
  for (const char* text :
       {"linux/amd64", "linux/arm64", "linux/arm64/v8", "linux/arm/v7", "linux/amd64/v3",
        "windows/amd64", "linux/386", "linux/s390x", "linux/ppc64le/power9", "wasip1/wasm"})
    EXPECT_EQ(parse_platform(text).name(), text);
  EXPECT_EQ(parse_platform("linux/arm/v7"), (Platform{"linux", "arm", "v7"}));
}

struct BadPlatform {
  const char* text;
  const char* complaint;
  const char* hint;
};
class BadPlatforms : public testing::TestWithParam<BadPlatform> {};

TEST_P(BadPlatforms, AreRefusedWithWhatWasProbablyMeant) {
  try {
    parse_platform(GetParam().text);
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.message(), testing::HasSubstr(GetParam().complaint));
    EXPECT_THAT(error.hint(), testing::HasSubstr(GetParam().hint));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPlatforms,
    testing::Values(
        BadPlatform{"", "expected OS/ARCHITECTURE, got ''", "for example linux/amd64"},
        BadPlatform{"amd64", "expected OS/ARCHITECTURE, got 'amd64'", "linux/amd64"},
        BadPlatform{"linux", "expected OS/ARCHITECTURE, got 'linux'", "linux/amd64"},
        BadPlatform{"linux-amd64", "expected OS/ARCHITECTURE", "linux/amd64"},
        BadPlatform{"linux/", "unknown architecture ''", "one of 386, amd64"},
        BadPlatform{"/amd64", "unknown operating system ''", "one of aix"},
        BadPlatform{"linux/x86_64", "unknown architecture 'x86_64'", "images call it 'amd64'"},
        BadPlatform{"linux/aarch64", "unknown architecture 'aarch64'", "images call it 'arm64'"},
        BadPlatform{"linux/armhf", "unknown architecture 'armhf'", "images call it 'arm/v7'"},
        BadPlatform{"linux/AMD64", "unknown architecture 'AMD64'", "one of 386"},
        BadPlatform{"linux/amd46", "unknown architecture 'amd46'", "one of 386"},
        BadPlatform{"macOS/arm64", "unknown operating system 'macOS'", "images call it 'darwin'"},
        BadPlatform{"linux/arm64/", "expected a variant like 'v7' behind 'linux/arm64/', got ''",
                    ""},
        BadPlatform{"linux/arm/V7", "expected a variant", ""},
        BadPlatform{"linux/arm/v7/x", "expected OS/ARCHITECTURE", "linux/arm/v7"}));

TEST(Platform, IsReadAndWrittenAsGoOrdersIt) {
  const std::string text =
      R"({"architecture":"arm64","os":"windows","os.version":"10.0.1","os.features":["a","b"],)"
      R"("variant":"v8"})";
  const Platform platform = read_platform(Json::parse(text, "platform"));
  EXPECT_EQ(encode_platform(platform), text);
  EXPECT_EQ(platform.name(), "windows/arm64/v8 (10.0.1)");
  EXPECT_FALSE(read_platform(Json::parse("{}", "platform")).is_known());
  EXPECT_THAT([] { read_platform(Json::parse(R"({"os":1})", "platform")); },
              ThrowsError(ErrorKind::kParse, "platform: $.os"));
}

TEST(Platform, OfThisMachineIsOneThatCanBeNamed) {
  EXPECT_EQ(parse_platform(host_platform().name()), host_platform());
}

}  // namespace
}  // namespace tote::oci
