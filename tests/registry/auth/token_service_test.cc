#include "registry/auth/token_service.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

using std::chrono::seconds;

struct Answer {
  const char* name;
  const char* text;
  const char* token;  // empty: refused
  int lasts = 0;      // seconds until it is fetched anew
};
class TokenAnswer : public testing::TestWithParam<Answer> {};

TEST_P(TokenAnswer, IsUnderstoodOrRefused) {
  const std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  if (*GetParam().token == '\0') {
    EXPECT_THROW(parse_token(GetParam().text, now), Error);
    return;
  }
  const Token token = parse_token(GetParam().text, now);
  EXPECT_EQ(token.value, GetParam().token);
  EXPECT_EQ(token.expires - now, seconds(GetParam().lasts));
}

INSTANTIATE_TEST_SUITE_P(
    All, TokenAnswer,
    testing::Values(
        Answer{"Token", R"({"token":"t","expires_in":300})", "t", 290},
        Answer{"AccessToken", R"({"access_token":"a","expires_in":300})", "a", 290},
        Answer{"Both", R"({"token":"t","access_token":"a"})", "t", 50},
        Answer{"AnEmptyTokenBesideAnother", R"({"token":"","access_token":"a"})", "a", 50},
        Answer{"ANullTokenBesideAnother", R"({"token":null,"access_token":"a"})", "a", 50},
        Answer{"WithARefreshToken", R"({"token":"t","refresh_token":"r"})", "t", 50},
        Answer{"NoLifetime", R"({"token":"t"})", "t", 50},
        Answer{"LifetimeZero", R"({"token":"t","expires_in":0})", "t", 50},
        Answer{"LifetimeNegative", R"({"token":"t","expires_in":-5})", "t", 50},
        Answer{"LifetimeAsText", R"({"token":"t","expires_in":"300"})", "t", 50},
        Answer{"LifetimeNull", R"({"token":"t","expires_in":null})", "t", 50},
        Answer{"LifetimeAnObject", R"({"token":"t","expires_in":{}})", "t", 50},
        Answer{"LifetimeTrue", R"({"token":"t","expires_in":true})", "t", 50},
        Answer{"LifetimeWithAFraction", R"({"token":"t","expires_in":299.9})", "t", 289},
        Answer{"LifetimeInPowers", R"({"token":"t","expires_in":3e2})", "t", 290},
        Answer{"LifetimeShort", R"({"token":"t","expires_in":6})", "t", 3},
        Answer{"LifetimeHuge", R"({"token":"t","expires_in":18446744073709551615})", "t", 86'390},
        Answer{"LifetimeHugeInPowers", R"({"token":"t","expires_in":1e300})", "t", 86'390},
        Answer{"AnEmptyToken", R"({"token":""})", ""}, Answer{"NoToken", "{}", ""},
        Answer{"ATokenOfTwoLines", "{\"token\":\"a\\r\\nb\"}", ""},
        Answer{"ATokenThatIsANumber", R"({"token":5})", ""},
        Answer{"Html", "<html><body>Sign in</body></html>", ""}, Answer{"AnArray", "[]", ""},
        Answer{"Nothing", "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Scopes, AreReadFromAChallenge) {
  EXPECT_EQ(parse_scopes("repository:a:pull repository:b:push"),
            (Scopes{"repository:a:pull", "repository:b:push"}));
  EXPECT_EQ(parse_scopes("  "), Scopes{});
  EXPECT_EQ(parse_scopes("a\rb c"), Scopes{"c"});
  EXPECT_EQ(parse_scopes(std::string(1000, 'x')), Scopes{});
  std::string many;
  for (int i = 0; i < 100; ++i) many += "s" + std::to_string(i) + " ";
  EXPECT_EQ(parse_scopes(many).size(), 16U);
}

TEST(Scopes, CoverWhatAsksForLessInAnyOrder) {
  const Scopes asked = {"repository:a/b:push,pull", "x"};
  for (const char* wanted : {"repository:a/b:pull,push", "repository:a/b:pull", "x"})
    EXPECT_TRUE(cover(asked, wanted)) << wanted;
  for (const char* wanted :
       {"repository:a/b:delete", "repository:a:pull", "repository:a/b:pull,*", "y"})
    EXPECT_FALSE(cover(asked, wanted)) << wanted;
}

}  // namespace
}  // namespace tote::registry
