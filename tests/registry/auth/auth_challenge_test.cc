#include "registry/auth/auth_challenge.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

TEST(ParseChallenges, ReadsBearerWithQuotedParameters) {
  const auto found = parse_challenges(
      R"(Bearer realm="https://auth.example/token?a=b",service="reg, \"x\"",scope="repository:a:pull")");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].scheme, "bearer");
  EXPECT_EQ(found[0].parameter("realm"), "https://auth.example/token?a=b");
  EXPECT_EQ(found[0].parameter("service"), "reg, \"x\"");
  EXPECT_EQ(found[0].parameter("none"), "");
}

TEST(ParseChallenges, ReadsABareBasic) {
  const auto found = parse_challenges("Basic");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].scheme, "basic");
}

TEST(ParseChallenges, ReadsSeveralInOneField) {
  const auto found =
      parse_challenges(R"(Negotiate, Basic realm="a", Bearer REALM = b , service=c)");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].parameter("realm"), "a");
  EXPECT_EQ(found[2].parameter("realm"), "b");
  EXPECT_EQ(found[2].parameter("service"), "c");
}

TEST(ParseChallenges, SurvivesNonsense) {
  for (const char* text : {"", ",,,", "=", "\"", "Bearer realm=\"unclosed",
                           "Bearer realm=", "Bearer \x01\xff=\"\\", "a=b"})
    EXPECT_NO_THROW(parse_challenges(text)) << text;
}

}  // namespace
}  // namespace tote::registry
