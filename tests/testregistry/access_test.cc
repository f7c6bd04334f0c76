// Who may do what, and how clients are told.
#include "testregistry/access/access.h"

#include "base/json.h"
#include "base/text.h"
#include "testregistry/values/name_pattern.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/testregistry/protocol_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

using testing::MatchesRegex;

TEST(RepositoryPattern, StandsForNames) {
  for (const auto& [pattern, name, matches] : {std::tuple("team/app", "team/app", true),
                                               {"team/app", "team/apps", false},
                                               {"team/*", "team/app", true},
                                               {"team/*", "team/app/sub", false},
                                               {"team/*", "team", false},
                                               {"team/**", "team/app/sub", true},
                                               {"**", "anything/at/all", true},
                                               {"*", "one", true},
                                               {"*", "one/two", false},
                                               {"*/app", "team/app", true},
                                               {"*/app", "a/b/app", false},
                                               {"**/app", "a/b/app", true},
                                               {"t*m/a*", "team/app", true},
                                               {"t*m/a*", "tam/b", false},
                                               {"a**b", "a/x/b", true},
                                               {"", "", true},
                                               {"", "a", false}})
    EXPECT_EQ(matches_pattern(pattern, name), matches) << pattern << " " << name;
}

TEST(AccessRules, AddUpWhatTheirLinesAllow) {
  const AccessRules rules = AccessRules::parse(
      "# rules\n\nalice team/** pull,push\n* public/* pull\nanonymous public/free pull\n"
      "alice team/old delete\nroot ** *\n",
      "rules");
  EXPECT_EQ(rules.allowed("alice", "team/app").str(), "pull,push");
  EXPECT_EQ(rules.allowed("alice", "team/old").str(), "pull,push,delete");
  EXPECT_EQ(rules.allowed("bob", "team/app").str(), "");
  EXPECT_EQ(rules.allowed("bob", "public/x").str(), "pull");
  EXPECT_EQ(rules.allowed(std::nullopt, "public/x").str(), "");
  EXPECT_EQ(rules.allowed(std::nullopt, "public/free").str(), "pull");
  EXPECT_TRUE(rules.may_list("root"));
  EXPECT_FALSE(rules.may_list("alice"));
  EXPECT_TRUE(rules.knows_anonymous());
}

TEST(AccessRules, RefuseWhatIsNoRule) {
  for (const char* line : {"alice", "alice x", "alice x fly", "alice x pull more",
                           "alice x pull,pusj", "alice TEAM/x pull"})
    EXPECT_THAT([&] { AccessRules::parse(std::string("# x\n") + line, "f"); },
                test::ThrowsError(ErrorKind::kParse, "f, line 2: expected"))
        << line;
}

TEST(TokenSigner, KnowsItsOwnTokensInTheirTime) {
  const TokenSigner signer("0123456789abcdef");
  const WallTime now{std::chrono::seconds(1'800'000'000)};
  TokenClaims claims;
  claims.user = "al\"ice";
  claims.access["team/app"] = {true, true, false};
  claims.may_list = true;
  const std::string token = signer.sign(claims, now, std::chrono::seconds(60));
  const auto known = signer.verify(token, now + std::chrono::seconds(59));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->user, "al\"ice");
  EXPECT_EQ(known->access.at("team/app").str(), "pull,push");
  EXPECT_TRUE(known->may_list);
  EXPECT_FALSE(signer.verify(token, now + std::chrono::seconds(60))) << "over";
  EXPECT_FALSE(signer.verify(token, now - std::chrono::seconds(1))) << "not yet";
  EXPECT_FALSE(TokenSigner("another key 0123").verify(token, now));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(signer.verify(changed, now)) << i;
  }
  for (const char* nonsense : {"", ".", "..", "a.b", "a.b.c", "eyJhbGciOiJub25lIn0.e30."})
    EXPECT_FALSE(signer.verify(nonsense, now)) << nonsense;
}

// Other programs read them too, and some compare them as text.
TEST(TokenSigner, WritesItsClaimsInOneOrder) {
  const TokenSigner signer("0123456789abcdef");
  TokenClaims claims;
  claims.user = "al\"ice";
  claims.access["team/app"] = {true, true, false};
  claims.may_list = true;
  claims.mark = "m";
  claims.is_refresh = true;
  const WallTime now{std::chrono::seconds(1'800'000'000)};
  const std::string token = signer.sign(claims, now, std::chrono::seconds(60));
  const std::vector<std::string> parts = split(token, '.');
  EXPECT_EQ(base64_decode(parts.at(0)), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_THAT(
      base64_decode(parts.at(1)).value_or(""),
      MatchesRegex(
          R"(\{"iss":"tote","aud":"tote","sub":"al\\"ice","iat":1800000000,)"
          R"("nbf":1800000000,"exp":1800000060,"jti":"[^"]+","mark":"m","use":"refresh",)"
          R"("access":\[\{"type":"repository","name":"team/app","actions":\["pull","push"\]\},)"
          R"(\{"type":"registry","name":"catalog","actions":\["\*"\]\}\]\})"));
}

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    const RequestHead put{"POST", "/v2/app/blobs/uploads/", {{"digest", kHelloDigest}}, {}, {}};
    test::call(registry_, put, kHello);
  }

  void use(const std::string& rules, AuthScheme scheme) {
    AccessOptions options{AccessRules::parse(rules, "rules")};
    options.scheme = scheme;
    options.now = [this] { return now_; };
    access_ = std::make_unique<Access>(registry_, users_, options);
  }

  Response call(const std::string& method, const std::string& path,
                const std::string& authorization = {}, NameValues query = {},
                const std::string& body = {}) {
    RequestHead head{method, path, std::move(query), {{"Host", "reg:5000"}}, {}};
    if (!authorization.empty()) head.headers.emplace_back("Authorization", authorization);
    if (auto now = access_->answer_now(head)) return *std::move(now);
    return test::call(*access_, head, body);
  }

  static std::string basic(const std::string& user, const std::string& password) {
    return "Basic " + base64_encode(user + ":" + password);
  }

  std::string token_for(const std::string& authorization, NameValues scopes) {
    const Response response = call("GET", "/token", authorization, std::move(scopes));
    EXPECT_EQ(response.status, 200);
    return "Bearer " + Json::parse(body_of(response), "token").at("token").string();
  }

  MemoryStorage storage_;
  RegistryHandler registry_{storage_};
  Users users_{Htpasswd::single("alice", "secret")};
  WallTime now_{std::chrono::seconds(1'800'000'000)};
  std::unique_ptr<Access> access_;
};

const std::string kBlob = "/v2/app/blobs/" + kHelloDigest;

TEST_F(AccessTest, BasicAsksForAPassword) {
  use("* ** *", AuthScheme::kBasic);
  const Response asked = call("GET", "/v2/");
  EXPECT_EQ(asked.status, 401);
  EXPECT_EQ(header(asked, "WWW-Authenticate"), "Basic realm=\"tote\"");
  EXPECT_EQ(header(asked, "Docker-Distribution-API-Version"), "registry/2.0");
  EXPECT_EQ(call("GET", "/v2/", basic("alice", "wrong")).status, 401);
  EXPECT_EQ(call("GET", "/v2/", basic("alice", "secret")).status, 200);
  EXPECT_EQ(call("GET", kBlob, basic("alice", "secret")).status, 200);
  EXPECT_EQ(call("GET", kBlob, "Bearer x").status, 401);
  EXPECT_EQ(call("GET", "/token").status, 401) << "there is no token service";
}

TEST_F(AccessTest, TellsWhoMayNotFromWhoIsNotKnown) {
  use("alice app pull\nanonymous free/* pull", AuthScheme::kBasic);
  EXPECT_EQ(call("GET", "/v2/").status, 200);
  EXPECT_EQ(call("GET", kBlob).status, 401);
  EXPECT_EQ(call("GET", kBlob, basic("alice", "secret")).status, 200);
  const Response denied = call("POST", "/v2/app/blobs/uploads/", basic("alice", "secret"));
  EXPECT_EQ(denied.status, 403);
  EXPECT_THAT(body_of(denied), HasSubstr("DENIED"));
  EXPECT_EQ(call("DELETE", kBlob, basic("alice", "secret")).status, 403);
  EXPECT_EQ(call("GET", "/v2/free/x/y/tags/list").status, 401) << "one component only";
  EXPECT_EQ(call("GET", "/v2/free/tags/list").status, 401);
  EXPECT_EQ(call("GET", "/v2/_catalog", basic("alice", "secret")).status, 403);
}

TEST_F(AccessTest, TokensAreHadWhereTheChallengeSays) {
  use("alice ** *", AuthScheme::kToken);
  EXPECT_EQ(header(call("GET", "/v2/"), "WWW-Authenticate"),
            "Bearer realm=\"http://reg:5000/token\",service=\"tote\"");
  EXPECT_EQ(header(call("POST", "/v2/app/blobs/uploads/"), "WWW-Authenticate"),
            "Bearer realm=\"http://reg:5000/token\",service=\"tote\","
            "scope=\"repository:app:pull,push\"");
  EXPECT_EQ(call("GET", "/token").status, 401);
  EXPECT_EQ(call("GET", "/token", basic("alice", "wrong")).status, 401);
  const std::string token = token_for(basic("alice", "secret"), {{"scope", "repository:app:pull"}});
  EXPECT_EQ(call("GET", "/v2/", token).status, 200);
  EXPECT_EQ(call("GET", kBlob, token).status, 200);
  const Response narrow = call("POST", "/v2/app/blobs/uploads/", token);
  EXPECT_EQ(narrow.status, 401);
  EXPECT_THAT(header(narrow, "WWW-Authenticate"), HasSubstr("error=\"insufficient_scope\""));
  EXPECT_EQ(call("GET", "/v2/other/tags/list", token).status, 401);
  now_ += std::chrono::seconds(301);
  const Response late = call("GET", kBlob, token);
  EXPECT_EQ(late.status, 401);
  EXPECT_THAT(header(late, "WWW-Authenticate"), HasSubstr("error=\"invalid_token\""));
}

TEST_F(AccessTest, EverybodyMayReadAndDockerStillLogsIn) {
  use("* ** *\nanonymous ** pull", AuthScheme::kToken);
  EXPECT_EQ(call("GET", "/v2/").status, 401) << "so that docker learns of the token service";
  const NameValues scope{{"scope", "repository:app:pull,push"}};
  const std::string nobody = token_for("", scope);
  EXPECT_EQ(call("GET", "/v2/", nobody).status, 200);
  EXPECT_EQ(call("GET", kBlob, nobody).status, 200);
  EXPECT_EQ(call("GET", kBlob).status, 200) << "who asks without a token may read too";
  EXPECT_EQ(call("POST", "/v2/app/blobs/uploads/", nobody).status, 401);
  const std::string alice = token_for(basic("alice", "secret"), scope);
  EXPECT_EQ(call("POST", "/v2/app/blobs/uploads/", alice).status, 202);
  EXPECT_EQ(call("DELETE", kBlob, alice).status, 401) << "was not asked for";
}

TEST_F(AccessTest, RefreshTokensGiveTokensAndNothingElse) {
  use("alice ** *", AuthScheme::kToken);
  const Response first = call("GET", "/token", basic("alice", "secret"),
                              {{"offline_token", "true"}, {"scope", "repository:app:pull"}});
  EXPECT_THAT(body_of(first),
              MatchesRegex(R"(\{"token":"[^"]+","access_token":"[^"]+","expires_in":300,)"
                           R"("issued_at":"[-0-9]+T[:0-9]+Z","refresh_token":"[^"]+"\})"));
  const std::string refresh = Json::parse(body_of(first), "token").at("refresh_token").string();
  EXPECT_EQ(call("GET", kBlob, "Bearer " + refresh).status, 401);
  now_ += std::chrono::hours(24);
  const auto post = [&](const std::string& form) { return call("POST", "/token", "", {}, form); };
  const Response renewed = post("grant_type=refresh_token&service=tote&refresh_token=" + refresh +
                                "&scope=repository:app:pull");
  ASSERT_EQ(renewed.status, 200);
  EXPECT_EQ(
      call("GET", kBlob, "Bearer " + Json::parse(body_of(renewed), "t").at("access_token").string())
          .status,
      200);
  EXPECT_EQ(post("grant_type=password&username=alice&password=secret&scope=repository%3Aapp%3Apull")
                .status,
            200);
  EXPECT_EQ(post("grant_type=password&username=alice&password=wrong").status, 401);
  EXPECT_EQ(post("grant_type=refresh_token&refresh_token=x").status, 401);
  EXPECT_EQ(post(std::string(100'000, 'x')).status, 413);
}

// What a user had before somebody changed the file: none of it may work afterwards.
class TokensOfAUser : public AccessTest, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr const char* kHash =
      "bob:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n";  // "secret"
};

TEST_P(TokensOfAUser, EndWithTheUserOrThePassword) {
  const test::TempDir dir;
  test::FakeClock clock;
  test::write_text(dir / "f", kHash);
  Users users(dir / "f", {}, clock);
  AccessOptions options{AccessRules::simple({})};
  options.scheme = AuthScheme::kToken;
  Access access(registry_, users, options);
  const RequestHead get{"GET",
                        "/token",
                        {{"offline_token", "true"}, {"scope", "repository:app:pull"}},
                        {{"Authorization", basic("bob", "secret")}},
                        {}};
  const Json given = Json::parse(body_of(test::call(access, get)), "token");
  const auto renew = [&] {
    return test::call(
               access, {"POST", "/token", {}, {}, {}},
               "grant_type=refresh_token&refresh_token=" + given.at("refresh_token").string())
        .status;
  };
  const auto read = [&](const std::string& authorization) {
    return test::call(access, {"GET", kBlob, {}, {{"Authorization", authorization}}, {}}).status;
  };
  const std::string token = "Bearer " + given.at("token").string();
  EXPECT_EQ(renew(), 200);
  EXPECT_EQ(read(token), 200);
  EXPECT_EQ(read(basic("bob", "secret")), 200);
  test::write_text(dir / "f", GetParam());
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(read(token), 401);
  EXPECT_EQ(renew(), 401);
  EXPECT_EQ(read(basic("bob", "secret")), 401);
}

INSTANTIATE_TEST_SUITE_P(
    Files, TokensOfAUser,
    testing::Values(
        "bob:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7H\n",  // another
        "ann:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n", ""));

TEST_F(AccessTest, HashesPasswordsWhereNobodyElseWaits) {
  use("alice ** *\nanonymous ** pull", AuthScheme::kToken);
  const auto lane = [&](const std::string& authorization) {
    return access_->lane({"GET", kBlob, {}, {{"Authorization", authorization}}, {}});
  };
  EXPECT_EQ(access_->lane({"GET", kBlob, {}, {}, {}}), Lane::kStorage);
  EXPECT_EQ(lane(basic("alice", "wrong")), Lane::kPasswords);
  EXPECT_EQ(lane(basic("alice", "secret")), Lane::kPasswords);
  call("GET", "/v2/", basic("alice", "secret"));
  EXPECT_EQ(lane(basic("alice", "secret")), Lane::kStorage) << "it was right before";
  EXPECT_EQ(lane("Bearer x"), Lane::kStorage);
  const auto lane_of_form = [&](const std::string& form) {
    Begun begun = access_->begin({"POST", "/token", {}, {}, {}});
    auto& exchange = std::get<std::unique_ptr<Exchange>>(begun);
    exchange->on_body(as_bytes(form));
    return exchange->lane();
  };
  for (const char* form : {"grant_type=password&username=alice&password=x",
                           "username=alice&password=x&grant%5Ftype=pass%77ord"})
    EXPECT_EQ(lane_of_form(form), Lane::kPasswords) << form;
  EXPECT_EQ(lane_of_form("grant_type=refresh_token&refresh_token=x"), Lane::kStorage);
}

TEST_F(AccessTest, DoesNotWaitForAFormThatIsTooLong) {
  use("alice ** *", AuthScheme::kToken);
  RequestHead head{"POST", "/token", {}, {}, {}};
  head.content_length = 65'537;
  EXPECT_EQ(std::get<Response>(access_->begin(head)).status, 413);
  head.content_length.reset();  // in chunks
  Begun begun = access_->begin(head);
  auto& exchange = std::get<std::unique_ptr<Exchange>>(begun);
  exchange->on_body(as_bytes(std::string(65'536, 'x')));
  EXPECT_FALSE(exchange->is_decided());
  exchange->on_body(as_bytes("x"));
  EXPECT_TRUE(exchange->is_decided());
  EXPECT_EQ(exchange->finish().status, 413);
}

TEST_F(AccessTest, SaysWhoAskedAndCountsWrongPasswords) {
  use("alice ** *\nanonymous ** pull", AuthScheme::kToken);
  EXPECT_EQ(call("GET", kBlob, basic("alice", "secret")).user, "alice");
  EXPECT_EQ(call("GET", kBlob, basic("alice", "secret")).user, "alice") << "from memory too";
  EXPECT_EQ(call("GET", kBlob).user, "");
  EXPECT_EQ(access_->refused_logins(), 0U);
  call("GET", kBlob, basic("alice", "wrong"));
  call("GET", "/token", basic("alice", "wrong"));
  call("POST", "/token", "", {}, "grant_type=password&username=alice&password=wrong");
  EXPECT_EQ(access_->refused_logins(), 3U);
}

TEST_F(AccessTest, NamesTheTokenServiceAsClientsReachIt) {
  use("alice ** *", AuthScheme::kToken);
  RequestHead head{"GET", "/v2/", {}, {{"Host", "10.0.0.7:5000"}}, {}};
  const auto realm = [&] { return header(*access_->answer_now(head), "WWW-Authenticate"); };
  head.scheme = "https";
  EXPECT_THAT(realm(), HasSubstr("realm=\"https://10.0.0.7:5000/token\""));
  head.forwarded_host = "registry.example";
  EXPECT_THAT(realm(), HasSubstr("realm=\"https://registry.example/token\""));
  AccessOptions options{AccessRules::simple({})};
  options.scheme = AuthScheme::kToken;
  options.public_url = "https://public.example";
  access_ = std::make_unique<Access>(registry_, users_, options);
  EXPECT_THAT(realm(), HasSubstr("realm=\"https://public.example/token\""));
}

TEST_F(AccessTest, MountsOnlyWhatTheCallerMayRead) {
  use("alice dst pull,push\n", AuthScheme::kBasic);
  const auto mount = [&] {
    return call("POST", "/v2/dst/blobs/uploads/", basic("alice", "secret"),
                {{"mount", kHelloDigest}, {"from", "app"}});
  };
  EXPECT_EQ(mount().status, 202) << "an upload instead";
  use("alice dst pull,push\nalice app pull", AuthScheme::kBasic);
  EXPECT_EQ(mount().status, 201);
}

TEST_F(AccessTest, PutsNoStrangeHostIntoAChallenge) {
  use("alice ** *", AuthScheme::kToken);
  RequestHead head{"GET", "/v2/", {}, {{"Host", "x\",realm=\"evil"}}, {}};
  EXPECT_THAT(header(*access_->answer_now(head), "WWW-Authenticate"),
              HasSubstr("realm=\"http://localhost/token\""));
}

}  // namespace
}  // namespace tote::testregistry
