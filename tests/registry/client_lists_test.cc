// Lists of tags, and looking at what may be there, with registries of all kinds.
#include "base/text.h"
#include "registry/registry_error.h"
#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"

#include <fmt/format.h>

#include <atomic>

namespace tote::registry {
namespace {

namespace tr = testregistry;

class ClientLists : public ClientTest {
 protected:
  // Answers every page of a list of tags.
  void serve(const std::function<tr::Response(int page)>& answer) {
    registry_.interceptor().replace(
        [this, answer](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (!head.path.ends_with("/tags/list")) return std::nullopt;
          return answer(pages_++);
        });
  }
  static tr::Response page(const std::string& tags, const std::string& link) {
    tr::Response response{200, {}, fmt::format(R"({{"name":"x","tags":[{}]}})", tags)};
    if (!link.empty()) response.headers.emplace_back("Link", link);
    return response;
  }
  std::vector<std::string> tags() { return repository(registry_).tags({}); }

  TestRegistry registry_;
  std::atomic<int> pages_ = 0;
};

TEST_F(ClientLists, AreNotCutShortByALinkThatCanNotBeUnderstood) {
  serve([](int) { return page(R"("a")", "next please"); });
  EXPECT_THAT([&] { tags(); }, ThrowsError(ErrorKind::kRegistry, "can not be understood"));
}

TEST_F(ClientLists, EndWithAnErrorIfAPageLeadsToItself) {
  serve([](int) { return page(R"("a")", R"(</v2/some/app/tags/list?last=a>; rel="next")"); });
  EXPECT_THAT([&] { tags(); }, ThrowsError(ErrorKind::kRegistry, "does not end"));
  EXPECT_LT(pages_, 5);
}

TEST_F(ClientLists, EndWithAnErrorIfPagesRepeatUnderOtherNames) {
  serve([](int n) {
    return page(R"("a","b")", fmt::format(R"(</v2/some/app/tags/list?p={}>; rel="next")", n));
  });
  EXPECT_THAT([&] { tags(); }, ThrowsError(ErrorKind::kRegistry, "does not end"));
  EXPECT_LT(pages_, 5);
}

TEST_F(ClientLists, EndWithAnErrorIfTheyAreEndless) {
  serve([](int n) {
    return page(fmt::format(R"("t{}")", n),
                fmt::format(R"(</v2/some/app/tags/list?p={}>; rel="next")", n));
  });
  EXPECT_THAT([&] { tags(); }, ThrowsError(ErrorKind::kRegistry, "does not end"));
  EXPECT_LE(pages_, 1025);
}

TEST_F(ClientLists, MayHaveAnEmptyPageAndATagTwice) {
  serve([](int n) {
    const std::string next = fmt::format(R"(</v2/some/app/tags/list?p={}>; rel="next")", n);
    const std::vector<std::string> contents = {R"("a","b")", "", R"("b","c")", R"("c")"};
    return page(contents[static_cast<std::size_t>(n)], n < 3 ? next : "");
  });
  EXPECT_EQ(tags(), (std::vector<std::string>{"a", "b", "b", "c", "c"}));
}

// How HEAD is refused where GET is allowed.
class RefusedHead : public ClientTest, public testing::WithParamInterface<int> {};

TEST_P(RefusedHead, IsAskedAgainByGet) {
  TestRegistry registry;
  const oci::Digest digest = test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  test::put_blob(registry.storage(), "some/app", "blob");
  registry.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "HEAD") return std::nullopt;
    return tr::Response{GetParam()};
  });
  RemoteRepository& remote = repository(registry);
  ASSERT_TRUE(remote.resolve("v1", {}));
  EXPECT_EQ(remote.resolve("v1", {})->digest, digest);
  EXPECT_EQ(remote.resolve(digest.str(), {})->digest, digest);
  EXPECT_FALSE(remote.resolve("v2", {}));
  if (GetParam() == 404) return;  // of a blob that is believed: sending it again does no harm
  EXPECT_TRUE(remote.has_blob(descriptor("blob"), {}));
  EXPECT_FALSE(remote.has_blob(descriptor("other"), {}));
}

INSTANTIATE_TEST_SUITE_P(All, RefusedHead, testing::Values(400, 401, 403, 404, 405, 501),
                         [](const auto& row) { return std::to_string(row.param); });

TEST_F(ClientTest, BelievesThatSomethingIsNotThereOnceThatWasTrue) {
  TestRegistry registry;
  RemoteRepository& remote = repository(registry);
  for (const char* tag : {"a", "b", "c"}) EXPECT_FALSE(remote.resolve(tag, {}));
  EXPECT_EQ(registry.interceptor().count("HEAD"), 3U);
  EXPECT_EQ(registry.interceptor().count("GET /v2/some/app/manifests"), 1U);
}

TEST_F(ClientTest, SetsNoTagThatLeadsThereAlready) {
  TestRegistry registry;
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  RemoteRepository& remote = repository(registry);
  const oci::ManifestPtr manifest = remote.fetch_manifest("v1", {});
  registry.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "PUT") return std::nullopt;
    return tr::error_response(403, "DENIED", "tags may not move here");
  });
  EXPECT_NO_THROW(remote.set_tag(*manifest, "v1", {}));
  EXPECT_THROW(remote.set_tag(*manifest, "v2", {}), RegistryError);
}

TEST_F(ClientTest, PushesWhereItMayNotRead) {
  TestRegistry registry;
  registry.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/" || (head.method != "GET" && head.method != "HEAD")) return std::nullopt;
    return tr::error_response(403, "DENIED", "reading is not for you");
  });
  TestRegistry source;
  test::put_image(source.storage(), "some/app", {"layer"}, "v1");
  const oci::ManifestPtr manifest = repository(source).fetch_manifest("v1", {});
  RemoteRepository& remote = repository(registry);
  for (const oci::Descriptor& blob : manifest->layers()) {
    EXPECT_FALSE(remote.has_blob(blob, {}));
    upload(remote, download(repository(source), blob));
  }
  EXPECT_FALSE(remote.has_blob(descriptor("another"), {}));
  EXPECT_EQ(registry.interceptor().count("HEAD /v2/some/app/blobs"), 1U) << "once is enough";
  const oci::Descriptor& config = manifest->config();
  upload(remote, download(repository(source), config));
  EXPECT_NO_THROW(remote.set_tag(*manifest, "v1", {}));
}

TEST_F(ClientTest, WaitsAsLongAsRetryAfterSaysFromTheFirstRequestOn) {
  TestRegistry registry;
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  std::atomic<int> refusals = 2;
  registry.interceptor().replace([&](const tr::RequestHead&) -> std::optional<tr::Response> {
    if (refusals-- <= 0) return std::nullopt;
    tr::Response busy = tr::error_response(429, "TOOMANYREQUESTS", "slow down");
    busy.headers.emplace_back("Retry-After", "7");
    return busy;
  });
  std::vector<std::string> said;
  ClientOptions options;
  options.retry.on_retry = [&](std::chrono::milliseconds wait, const Error& failure) {
    EXPECT_GE(wait, std::chrono::seconds(7));
    said.push_back(failure.message());
  };
  EXPECT_NO_THROW(repository(registry, options).fetch_manifest("v1", {}));
  ASSERT_EQ(said.size(), 2U) << "every wait is told";
  EXPECT_NE(said[0].find("TOOMANYREQUESTS: slow down"), std::string::npos) << said[0];
}

}  // namespace
}  // namespace tote::registry
