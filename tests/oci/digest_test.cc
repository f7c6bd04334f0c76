#include "oci/digest.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

const std::string kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, ParsesAndPrintsBothAlgorithms) {
  EXPECT_EQ(Digest::parse(kEmpty).str(), kEmpty);
  EXPECT_EQ(Digest::parse(kEmpty), Digest::of(""));
  const std::string sha512 = "sha512:" + std::string(128, 'a');
  EXPECT_EQ(Digest::parse(sha512).str(), sha512);
  EXPECT_NE(Digest::parse("sha512:" + std::string(128, '0')),
            Digest::parse("sha256:" + std::string(64, '0')));
}

struct Bad {
  const char* name;
  std::string text;
  const char* why;
};
class DigestParse : public testing::TestWithParam<Bad> {};

TEST_P(DigestParse, Refuses) {
  EXPECT_THAT([] { Digest::parse(GetParam().text); },
              test::ThrowsError(ErrorKind::kParse, GetParam().why));
  EXPECT_FALSE(Digest::try_parse(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, DigestParse,
    testing::Values(Bad{"Empty", "", "no ':'"}, Bad{"NoColon", "abc", "no ':'"},
                    Bad{"Md5", "md5:" + std::string(32, 'a'), "unsupported algorithm 'md5'"},
                    Bad{"TooShort", "sha256:" + std::string(63, 'a'), "got 63 hex digits, want 64"},
                    Bad{"TooLong", "sha256:" + std::string(65, 'a'), "got 65 hex digits, want 64"},
                    Bad{"UpperCase", "sha256:" + std::string(64, 'A'), "lower-case"},
                    Bad{"NoHex", "sha256:" + std::string(64, 'g'), "lower-case"},
                    Bad{"Path", "sha256:../" + std::string(61, 'a'), "lower-case"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote::oci
