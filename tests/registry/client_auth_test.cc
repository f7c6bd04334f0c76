// Authentication, as registries and token services of all kinds want it.
#include "registry/registry_error.h"
#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"

#include <fmt/format.h>

#include <atomic>
#include <latch>
#include <thread>

namespace tote::registry {
namespace {

namespace tr = testregistry;

using Refusal = std::function<std::optional<tr::Response>(const tr::RequestHead&)>;

tr::Response challenge(int status, const std::string& field) {
  tr::Response response = tr::error_response(status, "DENIED", "not so");
  response.headers.emplace_back("WWW-Authenticate", field);
  return response;
}

class ClientAuth : public ClientTest {
 protected:
  // Every request but those to /token is answered by `refuse`, if it does.
  void serve(const Refusal& refuse) {
    registry_.interceptor().replace(
        [this, refuse](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (head.path != "/token") return refuse(head);
          std::string scopes;
          for (const auto& [name, value] : head.query)
            if (name == "scope") scopes += value + ";";
          return tr::Response{200, {}, fmt::format(R"({{"token":"for:{}"}})", scopes)};
        });
    test::put_image(registry_.storage(), "some/app", {"layer"}, "v1");
  }
  std::string bearer(const std::string& rest) const {
    return fmt::format(R"(Bearer realm="{}/token",service="s"{})", registry_.url(), rest);
  }
  static bool may(const tr::RequestHead& head, const std::string& scope) {
    return head.header("Authorization").value_or("").find(scope) != std::string_view::npos;
  }

  TestRegistry registry_;
};

TEST_F(ClientAuth, AsksForTheScopeThatARegistryNames) {
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (may(head, "repository:internal/name:pull")) return std::nullopt;
    return challenge(401, bearer(R"(,scope="repository:internal/name:pull")"));
  });
  RemoteRepository& remote = repository(registry_);
  EXPECT_NO_THROW(remote.fetch_manifest("v1", {}));
  EXPECT_NO_THROW(remote.fetch_manifest("v1", {}));
  EXPECT_EQ(registry_.interceptor().count("GET /token"), 2U) << "it is remembered";
}

TEST_F(ClientAuth, AsksForEveryScopeOfTheList) {
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (may(head, "repository:a:pull;") && may(head, "registry:x:*;")) return std::nullopt;
    return challenge(401, bearer(R"(,scope="repository:a:pull registry:x:*")"));
  });
  EXPECT_NO_THROW(repository(registry_).fetch_manifest("v1", {}));
}

TEST_F(ClientAuth, AsksForWhatIsMissingOneAfterTheOther) {
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    for (const char* scope : {"one:a:pull", "two:b:pull"})
      if (!may(head, scope)) return challenge(401, bearer(fmt::format(R"(,scope="{}")", scope)));
    return std::nullopt;
  });
  EXPECT_NO_THROW(repository(registry_).fetch_manifest("v1", {}));
}

TEST_F(ClientAuth, AsksForMoreWhenTheScopeIsInsufficient) {
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (!head.header("Authorization")) return challenge(401, bearer(""));
    if (head.path == "/v2/" || may(head, "more:x:pull")) return std::nullopt;
    return challenge(403, bearer(R"(,error="insufficient_scope",scope="more:x:pull")"));
  });
  EXPECT_NO_THROW(repository(registry_).fetch_manifest("v1", {}));
}

TEST_F(ClientAuth, EndsWhereARegistryIsNeverContent) {
  std::atomic<int> asked = 0;
  serve([&](const tr::RequestHead&) -> std::optional<tr::Response> {
    return challenge(401, bearer(fmt::format(R"(,scope="one:n{}:pull")", ++asked)));
  });
  EXPECT_THROW(repository(registry_).fetch_manifest("v1", {}), RegistryError);
  EXPECT_LT(asked, 10);
}

TEST_F(ClientAuth, AnUploadGoesOnWithTheScopeThatItNeeded) {
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "PATCH" || may(head, "write:x:push")) return std::nullopt;
    return challenge(401, bearer(R"(,scope="write:x:push")"));
  });
  RemoteRepository& remote = repository(registry_);
  const std::string bytes = random_bytes(2'000'000, 1);
  push(remote, bytes);
  EXPECT_TRUE(remote.has_blob(descriptor(bytes), {}));
}

// What a registry that takes "Bearer for:..." or user:secret writes into its refusals.
struct Offer {
  const char* name;
  const char* field;  // "BEARER" stands for a whole challenge
  bool with_password;
  bool works;
};
class OfferOfChallenges : public ClientAuth, public testing::WithParamInterface<Offer> {};

TEST_P(OfferOfChallenges, IsTakenUpWhereWeCan) {
  std::string field = GetParam().field;
  for (std::size_t at; (at = field.find("BEARER")) != std::string::npos;)
    field.replace(at, 6, bearer(""));
  serve([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    const std::string given(head.header("Authorization").value_or(""));
    if (given.starts_with("Bearer for:") || given == "Basic dXNlcjpzZWNyZXQ=") return std::nullopt;
    return challenge(401, field);
  });
  ClientOptions options;
  if (GetParam().with_password) options.keychain = {.username = "user", .password = "secret"};
  const auto fetch = [&] { repository(registry_, options).fetch_manifest("v1", {}); };
  if (GetParam().works)
    EXPECT_NO_THROW(fetch());
  else
    EXPECT_THROW(fetch(), Error);
}

INSTANTIATE_TEST_SUITE_P(
    All, OfferOfChallenges,
    testing::Values(Offer{"Bearer", "BEARER", false, true},
                    Offer{"BearerWithAPassword", "BEARER", true, true},
                    Offer{"Basic", R"(Basic realm="x")", true, true},
                    Offer{"BasicWithoutAnything", "Basic", true, true},
                    Offer{"BasicWithoutAPassword", R"(Basic realm="x")", false, false},
                    Offer{"BasicThenBearer", R"(Basic realm="x", BEARER)", false, true},
                    Offer{"BasicThenBearerWithAPassword", R"(Basic realm="x", BEARER)", true, true},
                    Offer{"BearerThenBasic", R"(BEARER, Basic realm="x")", false, true},
                    Offer{"BearerWithoutARealmThenBasic", R"(Bearer x=y, Basic realm="x")", true,
                          true},
                    Offer{"BearerWithoutARealm", "Bearer x=y", false, false},
                    Offer{"OthersFirst",
                          R"(Negotiate, NTLM, Digest realm="a, b",nonce="c", BEARER)", false, true},
                    Offer{"OthersOnly", R"(Negotiate, Digest realm="a")", true, false},
                    Offer{"Nothing", "", true, false}),
    [](const auto& row) { return row.param.name; });

TEST_F(ClientAuth, ATokenThatWasRefusedTwiceAtOnceIsRenewedForBoth) {
  serve([](const tr::RequestHead&) { return std::nullopt; });
  transport::CurlTransport transport({});
  Authenticator authenticator({transport, clock_, {}});
  authenticator.accept({{"bearer", {{"realm", registry_.url() + "/token"}}}});
  const std::string sent = authenticator.authorization({}, {"a:b:pull"}, {});
  for (int thread = 0; thread < 2; ++thread)
    EXPECT_TRUE(authenticator.learn({}, {"a:b:pull"}, {"a:b:pull"}, sent, {}).token_was_forgotten)
        << thread;
  const Credentials fixed{.registry_token = "t"};
  EXPECT_FALSE(authenticator.learn(fixed, {}, {}, "Bearer t", {}).token_was_forgotten);
}

TEST_F(ClientAuth, TellsWrongCredentialsFromNone) {
  serve([&](const tr::RequestHead&) -> std::optional<tr::Response> {
    return challenge(401, "Basic");
  });
  const auto hint_with = [&](const KeychainOptions& keychain) -> std::string {
    try {
      repository(registry_, {.keychain = keychain}).fetch_manifest("v1", {});
    } catch (const Error& error) {
      return error.hint();
    }
    return "it was let in";
  };
  EXPECT_THAT(hint_with({.username = "user", .password = "wrong"}),
              testing::HasSubstr("the user 'user' or the password is not accepted"));
  EXPECT_THAT(hint_with({.anonymous = true}), testing::HasSubstr("give credentials"));
}

TEST_F(ClientAuth, OneTokenDoesNotWaitForAnother) {
  // Each request for a token is answered only when all three are there.
  std::latch all_there(3);
  registry_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/token") {
      all_there.arrive_and_wait();
      return tr::Response{200, {}, R"({"token":"t"})"};
    }
    if (head.header("Authorization")) return std::nullopt;
    return challenge(401, bearer(""));
  });
  Client client({.keychain = {.anonymous = true}});
  std::vector<std::jthread> threads;
  for (const char* path : {"a", "b", "c"}) {
    test::put_image(registry_.storage(), path, {"layer"}, "v1");
    threads.emplace_back([&, path] {
      client.repository({registry_.address(), path}).fetch_manifest("v1", {});
    });
  }
  threads.clear();
  EXPECT_EQ(registry_.interceptor().count("GET /token"), 3U);
}

}  // namespace
}  // namespace tote::registry
