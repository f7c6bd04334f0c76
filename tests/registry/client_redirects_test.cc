// Where a registry may lead an upload, a download and a list.
#include "tests/registry/client_fixture.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"
#include "transport/location.h"
#include "transport/redirecting_transport.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <atomic>

namespace tote::registry {
namespace {

namespace tr = testregistry;

std::string location_of(const tr::Response& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "Location") return value;
  return {};
}

void set_location(tr::Response& response, const std::string& value) {
  for (auto& header : response.headers)
    if (header.first == "Location") header.second = value;
}

// A registry that is reached by TLS and believes otherwise, as one behind a proxy does.
class ClientRedirects : public ClientTest {
 protected:
  ClientRedirects() { trusted_pem_ = test::read_text(files_.certificate); }

  tr::ServerOptions tls() const {
    return {.tls = tr::ServerTls{trusted_pem_, test::read_text(files_.key)}};
  }
  // What follows the registry's own path in every Location is `change`d.
  static void change_locations(TestRegistry& registry,
                               std::function<std::string(const std::string&)> change) {
    registry.interceptor().change(
        [change = std::move(change)](const tr::RequestHead&, tr::Response& response) {
          const std::string given = location_of(response);
          if (given.empty()) return;
          set_location(response,
                       change(given.starts_with('/') ? given : given.substr(given.find('/', 8))));
        });
  }

  const test::TempDir dir_;
  const test::TlsFiles files_{dir_};
};

TEST_F(ClientRedirects, AnUploadStaysOnTlsWhereTheRegistryBelievesToBePlain) {
  TestRegistry registry(tls());
  change_locations(registry, [&](const std::string& path) {
    return fmt::format("http://{}{}", registry.address(), path);
  });
  RemoteRepository& remote = repository(registry);
  upload(remote, "small");
  upload(remote, random_bytes(2'000'000, 1));  // by PATCH, whose answer has a Location too
  EXPECT_FALSE(remote.try_mount(descriptor("declined"), {registry.address(), "other/app"}, {}));
  upload(remote, "declined");
  EXPECT_TRUE(remote.has_blob(descriptor("declined"), {}));
}

TEST_F(ClientRedirects, AnUploadIsNotSentToAnotherPlaceInPlainText) {
  TestRegistry registry(tls());
  TestRegistry elsewhere;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "POST") return std::nullopt;
    return tr::Response{202, {{"Location", elsewhere.url() + "/v2/some/app/blobs/uploads/1"}}};
  });
  RemoteRepository& remote = repository(registry);
  for (const std::size_t size : {10UL, 2'000'000UL})
    EXPECT_THAT([&] { upload(remote, random_bytes(size, 2)); },
                ThrowsError(ErrorKind::kRegistry, "which is not encrypted: not followed"));
  EXPECT_EQ(elsewhere.interceptor().requests().size(), 0U);
}

TEST_F(ClientRedirects, ADownloadNeitherLosesTls) {
  TestRegistry registry(tls());
  TestRegistry elsewhere;
  test::put_blob(elsewhere.storage(), "some/app", "content");
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/blobs/") == std::string::npos) return std::nullopt;
    return tr::Response{307, {{"Location", elsewhere.url() + head.path}}};
  });
  RemoteRepository& remote = repository(registry);
  EXPECT_THAT([&] { download(remote, descriptor("content")); },
              ThrowsError(ErrorKind::kRegistry, "which is not encrypted: not followed"));
  EXPECT_EQ(elsewhere.interceptor().requests().size(), 0U);
}

TEST_F(ClientRedirects, ADownloadStaysOnTlsWhereARedirectNamesTheSamePlaceInPlainText) {
  TestRegistry registry(tls());
  test::put_blob(registry.storage(), "some/app", "content");
  std::atomic<bool> once = true;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/blobs/") == std::string::npos || !once.exchange(false))
      return std::nullopt;
    return tr::Response{307,
                        {{"Location", fmt::format("http://{}{}", registry.address(), head.path)}}};
  });
  EXPECT_EQ(download(repository(registry), descriptor("content")), "content");
}

TEST_F(ClientRedirects, TheDigestReachesTheRegistryWhateverTheLocationEndsWith) {
  for (const char* tail : {"#fragment", "?", "?x=1", "?x=1&", "?x=1#frag?y=2"}) {
    TestRegistry registry;
    change_locations(registry, [&](const std::string& path) { return path + tail; });
    RemoteRepository& remote = repository(registry);
    upload(remote, "small");
    EXPECT_TRUE(remote.has_blob(descriptor("small"), {})) << tail;
  }
}

// 307 and 308 keep the method; a client that has sent a body already has to send it once more.
class RedirectedUpload : public ClientTest, public testing::WithParamInterface<int> {};

TEST_P(RedirectedUpload, ArrivesWithEveryMethod) {
  for (const char* method : {"POST", "PATCH", "PUT"}) {
    TestRegistry registry;
    registry.interceptor().replace(
        [&, method](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (head.method != method || head.parameter("moved")) return std::nullopt;
          std::string to = transport::with_parameter(head.path, "moved", "1");
          for (const auto& [name, value] : head.query)
            to = transport::with_parameter(to, name, value);
          return tr::Response{GetParam(), {{"Location", to}}};
        });
    RemoteRepository& remote = repository(registry);
    for (const std::size_t size : {10UL, 700'000UL, 5'000'000UL}) {
      const std::string bytes = random_bytes(size, 3);
      push(remote, bytes);
      EXPECT_TRUE(remote.has_blob(descriptor(bytes), {})) << method << ' ' << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RedirectedUpload, testing::Values(307, 308),
                         [](const auto& row) { return std::to_string(row.param); });

TEST_F(ClientRedirects, TakesNoSecretsToAnotherOrigin) {
  const transport::Request request{.url = "https://reg.io/a",
                                   .headers = {{"authorization", "Basic x"}, {"Accept", "y"}},
                                   .shows_certificate = true};
  class Redirect final : public transport::Reply {
   public:
    Redirect(const std::string& from, const std::string& to) {
      status_ = 307;
      url_ = from;
      headers_ = {{"Location", to}};
    }
    [[nodiscard]] std::size_t read_some(MutableBytes) override { return 0; }
  };
  const auto there =
      transport::redirected(request, Redirect("https://reg.io/a", "https://store.io/b"), true);
  EXPECT_EQ(there->url, "https://store.io/b");
  EXPECT_EQ(there->headers.size(), 1U);
  EXPECT_FALSE(there->shows_certificate);
  const auto here =
      transport::redirected(request, Redirect("https://reg.io/a", "http://reg.io/b"), true);
  EXPECT_EQ(here->url, "https://reg.io/b");
  EXPECT_EQ(here->headers.size(), 2U);
  const transport::Request secret{.method = "POST",
                                  .url = "https://auth.io/t",
                                  .body = transport::Body("refresh_token=x"),
                                  .is_secret = true};
  EXPECT_FALSE(
      transport::redirected(secret, Redirect("https://auth.io/t", "https://evil.io/t"), true));
  EXPECT_TRUE(transport::redirected(secret, Redirect("https://auth.io/t", "/u"), true));
}

TEST_F(ClientRedirects, EndWithAnErrorIfTheyDoNotEnd) {
  TestRegistry registry;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/") return std::nullopt;
    return tr::Response{302, {{"Location", head.path}}};
  });
  EXPECT_THAT([&] { repository(registry).fetch_manifest("v1", {}); },
              ThrowsError(ErrorKind::kTransport, "more than 10 redirects"));
}

}  // namespace
}  // namespace tote::registry
