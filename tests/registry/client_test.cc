// The client against real sockets: our registry, with what it does changed where a test wants it.
#include "base/text.h"
#include "registry/registry_error.h"
#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

namespace tote::registry {
namespace {

namespace tr = testregistry;

TEST_F(ClientTest, MovesBlobsOfAllSizesBothWays) {
  TestRegistry registry;
  RemoteRepository& remote = repository(registry);
  for (const std::size_t size : {0UL, 1UL, 70'000UL, 512UL * 1024, 512UL * 1024 + 1, 5'000'000UL}) {
    const std::string bytes = random_bytes(size, 3);
    EXPECT_FALSE(remote.has_blob(descriptor(bytes), {})) << size;
    upload(remote, bytes);
    EXPECT_TRUE(remote.has_blob(descriptor(bytes), {})) << size;
    EXPECT_TRUE(download(remote, descriptor(bytes)) == bytes) << size;
  }
}

TEST_F(ClientTest, SendsASmallBlobInOneRequestAndALargeOneInThree) {
  TestRegistry registry;
  RemoteRepository& remote = repository(registry);
  upload(remote, "small");
  EXPECT_EQ(registry.interceptor().count("POST"), 1U);
  EXPECT_EQ(registry.interceptor().count("P"), 1U);
  upload(remote, random_bytes(1'000'000, 1));
  EXPECT_EQ(registry.interceptor().count("PATCH"), 1U);
  EXPECT_EQ(registry.interceptor().count("POST"), 2U);
  EXPECT_EQ(registry.interceptor().count("PUT"), 1U);
  EXPECT_EQ(registry.interceptor().count("GET /v2/"), 1U) << "the probe happens once";
}

TEST_F(ClientTest, FetchesManifestsAsTheyAre) {
  TestRegistry registry;
  const oci::Digest digest = test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  RemoteRepository& remote = repository(registry);
  const oci::ManifestPtr by_tag = remote.fetch_manifest("v1", {});
  EXPECT_EQ(by_tag->digest(), digest);
  EXPECT_EQ(remote.fetch_manifest(digest.str(), {})->bytes(), by_tag->bytes());
  EXPECT_EQ(remote.resolve("v1", {})->digest, digest);
  EXPECT_FALSE(remote.resolve("v2", {}));
}

TEST_F(ClientTest, ReportsWhatIsMissingInTheRegistrysWords) {
  TestRegistry registry;
  RemoteRepository& remote = repository(registry);
  EXPECT_THAT(
      [&] { remote.fetch_manifest("latest", {}); },
      ThrowsError(ErrorKind::kNotFound,
                  fmt::format("GET {}/v2/some/app/manifests/latest: NAME_UNKNOWN: Unknown name",
                              registry.url())));
}

TEST_F(ClientTest, RefusesAManifestOfAnotherDigest) {
  TestRegistry registry;
  const oci::Digest digest = test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  registry.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/manifests/") != std::string::npos) response.body = "{\"layers\":[]}";
  });
  RemoteRepository& remote = repository(registry);
  EXPECT_THAT([&] { remote.fetch_manifest(digest.str(), {}); },
              ThrowsError(ErrorKind::kDigestMismatch, "does not match requested digest"));
}

// What a lying registry sends in place of a blob.
struct Lie {
  const char* name;
  std::function<std::string(const std::string&)> tell;
  const char* complaint;
};
class LyingRegistry : public ClientTest, public testing::WithParamInterface<Lie> {};

TEST_P(LyingRegistry, IsFoundOut) {
  TestRegistry registry;
  const std::string bytes = random_bytes(300'000, 2);
  test::put_blob(registry.storage(), "some/app", bytes);
  registry.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/blobs/") != std::string::npos) response.body = GetParam().tell(bytes);
  });
  RemoteRepository& remote = repository(registry);
  EXPECT_THAT([&] { download(remote, descriptor(bytes)); },
              ThrowsError(ErrorKind::kDigestMismatch, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    All, LyingRegistry,
    testing::Values(
        Lie{"TooLittle", [](const std::string& b) { return b.substr(1); }, "got 299999 bytes"},
        Lie{"TooMuch", [](const std::string& b) { return b + "x"; }, "got more than 300000"},
        Lie{"Altered",
            [](const std::string& b) {
              const char altered = static_cast<char>(b[200'000] ^ 1);
              return b.substr(0, 200'000) + altered + b.substr(200'001);
            },
            "error verifying sha256 checksum"}),
    [](const auto& row) { return row.param.name; });

TEST_F(ClientTest, ResumesADownloadThatBreaksAsOftenAsItAdvances) {
  TestRegistry registry;
  const std::string bytes = random_bytes(3'000'000, 4);
  test::put_blob(registry.storage(), "some/app", bytes);
  registry.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/blobs/") != std::string::npos) test::cut(response, 400'000);
  });
  RemoteRepository& remote = repository(registry, {.retry = {.max_attempts = 2}});
  EXPECT_TRUE(download(remote, descriptor(bytes)) == bytes);
  EXPECT_GE(registry.interceptor().count("GET /v2/some/app/blobs/"), 8U);
}

TEST_F(ClientTest, GivesUpOnADownloadThatMakesNoProgress) {
  TestRegistry registry;
  const std::string bytes = random_bytes(1'000'000, 4);
  test::put_blob(registry.storage(), "some/app", bytes);
  registry.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.header("Range")) test::drop(response);
    if (head.path.find("/blobs/") != std::string::npos && !response.mishap)
      test::cut(response, 400'000);
  });
  RemoteRepository& remote = repository(registry, {.retry = {.max_attempts = 3}});
  EXPECT_THAT([&] { download(remote, descriptor(bytes)); },
              ThrowsError(ErrorKind::kTransport, "Get \"http://"));
}

TEST_F(ClientTest, ReadsFromAnOffsetAlsoWhereRangesAreUnknown) {
  TestRegistry registry;
  const std::string bytes = random_bytes(300'000, 5);
  test::put_blob(registry.storage(), "some/app", bytes);
  RemoteRepository& remote = repository(registry);
  const auto rest = [&] {
    const auto content = remote.open_blob(descriptor(bytes), 123'456, {});
    return read_all(*content, 1U << 20U, "blob");
  };
  EXPECT_TRUE(rest() == bytes.substr(123'456));
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/blobs/") == std::string::npos) return std::nullopt;
    return tr::Response{200, {}, bytes};
  });
  EXPECT_TRUE(rest() == bytes.substr(123'456));
}

TEST_F(ClientTest, WaitsAsLongAsRetryAfterSays) {
  TestRegistry registry;
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  std::atomic<int> refusals = 2;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/" || refusals-- <= 0) return std::nullopt;
    tr::Response busy = tr::error_response(429, "TOOMANYREQUESTS", "slow down");
    busy.headers.emplace_back("Retry-After", "7");
    return busy;
  });
  RemoteRepository& remote = repository(registry);
  EXPECT_NO_THROW(remote.fetch_manifest("v1", {}));
  const auto slept = clock_.slept();
  ASSERT_EQ(slept.size(), 2U);
  EXPECT_GE(slept[0], std::chrono::seconds(7));
  EXPECT_LT(slept[0], std::chrono::seconds(8));
}

TEST_F(ClientTest, MakesExactlyAsManyTriesAsTheRetryCount) {
  for (const int count : {0, 1, 2, 5}) {
    TestRegistry registry;
    registry.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
      if (head.path == "/v2/") return std::nullopt;
      return tr::Response{503};
    });
    RemoteRepository& remote = repository(registry, {.retry = {.max_attempts = count}});
    EXPECT_THROW(remote.fetch_manifest("v1", {}), RegistryError);
    EXPECT_EQ(registry.interceptor().count("GET /v2/some/app"),
              static_cast<std::size_t>(std::max(count, 1)));
  }
}

TEST_F(ClientTest, MountsFromAnotherRepository) {
  TestRegistry registry;
  test::put_blob(registry.storage(), "other/app", "bytes");
  RemoteRepository& remote = repository(registry);
  EXPECT_TRUE(remote.try_mount(descriptor("bytes"), {registry.address(), "other/app"}, {}));
  EXPECT_TRUE(remote.has_blob(descriptor("bytes"), {}));
  EXPECT_FALSE(remote.try_mount(descriptor("bytes"), {"elsewhere.io", "other/app"}, {}));
}

TEST_F(ClientTest, UsesTheSessionOfADeclinedMount) {
  TestRegistry registry;
  RemoteRepository& remote = repository(registry);
  EXPECT_FALSE(remote.try_mount(descriptor("bytes"), {registry.address(), "other/app"}, {}));
  upload(remote, "bytes");
  EXPECT_EQ(registry.interceptor().count("POST"), 1U);
}

TEST_F(ClientTest, ListsTagsOverPages) {
  TestRegistry registry;
  const oci::Digest digest = test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  for (int i = 0; i < 2500; ++i)
    registry.storage().put_tag("some/app", fmt::format("t{:04}", i), digest);
  EXPECT_EQ(repository(registry).tags({}).size(), 2501U);
  EXPECT_EQ(registry.interceptor().count("GET /v2/some/app/tags/list"), 3U);
}

TEST_F(ClientTest, SendsBasicCredentialsOnlyWhenAsked) {
  TestRegistry registry([](tr::Handler& inner) { return test::with_passwords(inner, kHtpasswd); });
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  RemoteRepository& known =
      repository(registry, {.keychain = {.username = "user", .password = "secret"}});
  EXPECT_NO_THROW(known.fetch_manifest("v1", {}));
  RemoteRepository& unknown =
      repository(registry, {.keychain = {.username = "user", .password = "wrong"}});
  EXPECT_THAT([&] { unknown.fetch_manifest("v1", {}); },
              ThrowsError(ErrorKind::kUnauthorized, "UNAUTHORIZED: authentication required"));
  EXPECT_THROW(repository(registry).fetch_manifest("v1", {}), RegistryError);
}

// A token service and a registry that wants its tokens, both behind one interceptor.
class TokenRegistry {
 public:
  TokenRegistry() {
    registry_.interceptor().replace(
        [this](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (head.path == "/token") return token(head);
          if (head.header("Authorization") == "Bearer " + current()) return std::nullopt;
          tr::Response refuse = tr::error_response(401, "UNAUTHORIZED", "token needed");
          refuse.headers.emplace_back(
              "WWW-Authenticate",
              fmt::format(R"(Bearer realm="{}/token",service="svc",scope="x")", registry_.url()));
          return refuse;
        });
  }
  TestRegistry& registry() { return registry_; }
  void revoke() { ++generation_; }

 private:
  std::string current() const { return fmt::format("token-{}", generation_.load()); }
  tr::Response token(const tr::RequestHead&) {
    return {200, {}, fmt::format(R"({{"token":"{}","expires_in":300}})", current())};
  }

  std::atomic<int> generation_ = 0;
  TestRegistry registry_;
};

TEST_F(ClientTest, FetchesOneTokenForAScopeAndANewOneWhenItIsRevoked) {
  TokenRegistry tokens;
  TestRegistry& registry = tokens.registry();
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  RemoteRepository& remote = repository(registry);
  remote.fetch_manifest("v1", {});
  remote.fetch_manifest("v1", {});
  EXPECT_EQ(registry.interceptor().count("GET /token"), 1U);
  EXPECT_EQ(registry.interceptor().count("GET /token?scope=repository:some/app:pull&service=svc"),
            1U);
  tokens.revoke();
  EXPECT_NO_THROW(remote.fetch_manifest("v1", {}));
  EXPECT_EQ(registry.interceptor().count("GET /token"), 2U);
  upload(remote, "bytes");
  EXPECT_EQ(
      registry.interceptor().count("GET /token?scope=repository:some/app:push,pull&service=svc"),
      1U);
}

TEST_F(ClientTest, SendsNoCredentialsToWhereALocationOrRedirectLeads) {
  TestRegistry elsewhere;
  TestRegistry registry([](tr::Handler& inner) { return test::with_passwords(inner, kHtpasswd); });
  std::atomic<int> leaked = 0;
  elsewhere.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.header("Authorization")) ++leaked;
    return std::nullopt;
  });
  const std::string bytes = "content";
  test::put_blob(elsewhere.storage(), "some/app", bytes);
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/blobs/") == std::string::npos) return std::nullopt;
    return tr::Response{307, {{"Location", elsewhere.url() + head.path}}};
  });
  RemoteRepository& remote =
      repository(registry, {.keychain = {.username = "user", .password = "secret"}});
  EXPECT_EQ(download(remote, descriptor(bytes)), bytes);

  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "POST") return std::nullopt;
    return tr::Response{202,
                        {{"Location", elsewhere.url() + "/v2/some/app/blobs/uploads/" +
                                          elsewhere.storage().begin_upload("some/app")}}};
  });
  upload(remote, "other content");
  EXPECT_GE(elsewhere.interceptor().requests().size(), 2U);
  EXPECT_EQ(leaked, 0);
}

TEST_F(ClientTest, TakesNoChallengeFromWhereARedirectLeads) {
  TestRegistry elsewhere;
  TestRegistry registry([](tr::Handler& inner) { return test::with_passwords(inner, kHtpasswd); });
  elsewhere.interceptor().replace([&](const tr::RequestHead&) -> std::optional<tr::Response> {
    return tr::Response{
        401, {{"WWW-Authenticate", fmt::format(R"(Bearer realm="{}/token")", elsewhere.url())}}};
  });
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/blobs/") == std::string::npos) return std::nullopt;
    return tr::Response{307, {{"Location", elsewhere.url() + head.path}}};
  });
  RemoteRepository& remote =
      repository(registry, {.keychain = {.username = "user", .password = "secret"}});
  EXPECT_THROW(download(remote, descriptor("content")), RegistryError);
  EXPECT_EQ(elsewhere.interceptor().count("GET /token"), 0U);
  EXPECT_THROW(remote.fetch_manifest("v1", {}), RegistryError);
  EXPECT_EQ(elsewhere.interceptor().count("GET /token"), 0U) << "nor later";
}

TEST_F(ClientTest, TrustsTlsOnlyWithTheRightCertificate) {
  const test::TempDir dir;
  const test::TlsFiles files(dir);
  TestRegistry registry(tr::ServerOptions{
      .tls = tr::ServerTls{test::read_text(files.certificate), test::read_text(files.key)}});
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  const auto fetch = [&](ClientOptions options) {
    options.keychain.anonymous = true;
    Client client(options);
    return client.repository({registry.address(), "some/app"}).fetch_manifest("v1", {});
  };
  EXPECT_NO_THROW(fetch({.ca_paths = {files.certificate.string()}}));
  EXPECT_NO_THROW(fetch({.verify_certificates = false}));
  EXPECT_THAT([&] { fetch({}); },
              ThrowsError(ErrorKind::kTransport, "Unable to create round tripper"));
}

TEST_F(ClientTest, NamesTheCaFileThatIsNone) {
  const test::TempDir dir;
  test::write_text(dir / "ca.pem", "no certificate");
  EXPECT_THAT([&] { Client({.ca_paths = {(dir / "ca.pem").string()}}); },
              ThrowsError(ErrorKind::kParse,
                          "Creating registry HTTP transport: Adding CA certificates from '"));
}

TEST_F(ClientTest, StopsWhileItWaitsForAnAnswer) {
  TestRegistry registry;
  std::stop_source stop;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path != "/v2/") stop.request_stop();
    return std::nullopt;
  });
  EXPECT_THROW(repository(registry).fetch_manifest("v1", stop.get_token()), Cancelled);
}

}  // namespace
}  // namespace tote::registry
