// Connections that end at the wrong moment, and answers that are not what was sent.
#include "base/text.h"
#include "tests/registry/client_fixture.h"

#include <fmt/format.h>

#include <atomic>

namespace tote::registry {
namespace {

namespace tr = testregistry;

class ClientFaults : public ClientTest {
 protected:
  // Changes the first `times` answers to requests of that kind.
  void change(const std::string& method, const std::string& path_has, int times,
              const std::function<void(tr::Response&)>& how) {
    left_ = times;
    registry_.interceptor().change([=, this](const tr::RequestHead& head, tr::Response& response) {
      if (head.method == method && head.path.find(path_has) != std::string::npos && left_-- > 0)
        how(response);
    });
  }
  oci::ManifestPtr put_image() {
    const auto digest = test::put_image(registry_.storage(), "some/app", {"1"}, "v1");
    return repository(registry_).fetch_manifest(digest.str(), {});
  }

  static constexpr int kEveryTime = 1'000'000;
  TestRegistry registry_;
  std::atomic<int> left_ = 0;
};

TEST_F(ClientFaults, FetchAManifestAnewThatBreaksOff) {
  const oci::ManifestPtr image = put_image();
  change("GET", "/manifests/", 2, [](tr::Response& response) { test::cut(response, 10); });
  EXPECT_EQ(repository(registry_).fetch_manifest("v1", {})->digest(), image->digest());
  change("GET", "/manifests/", kEveryTime, [](tr::Response& r) { test::cut(r, 10); });
  EXPECT_THAT([&] { repository(registry_).fetch_manifest("v1", {}); },
              ThrowsError(ErrorKind::kTransport, "transfer closed"));
}

TEST_F(ClientFaults, FetchAListAnewThatBreaksOff) {
  const oci::ManifestPtr image = put_image();
  change("GET", "/tags/list", 2, [](tr::Response& response) { test::cut(response, 10); });
  EXPECT_EQ(repository(registry_).tags({}), std::vector<std::string>{"v1"});
  change("GET", "/referrers/", 2, [](tr::Response& response) { test::cut(response, 10); });
  EXPECT_TRUE(repository(registry_).find_referrers(image->digest(), "", {}).empty());
}

TEST_F(ClientFaults, FindOutUnderATagWhatIsNotWhatTheRegistryHas) {
  put_image();
  change("GET", "/manifests/v1", 1, [](tr::Response& response) {
    tr::Mishap mishap;
    mishap.corrupt_at = 100;
    response.mishap = std::make_shared<const tr::Mishap>(mishap);
  });
  EXPECT_THAT([&] { repository(registry_).fetch_manifest("v1", {}); },
              ThrowsError(ErrorKind::kDigestMismatch, "does not match the digest that the"));
}

TEST_F(ClientFaults, TakeUnderATagWhatTheRegistryCallsByAnotherDigestButHas) {
  const oci::ManifestPtr image = put_image();
  change("GET", "/manifests/v1", 1, [](tr::Response& response) {
    for (auto& [name, value] : response.headers)
      if (name == "Docker-Content-Digest") value = oci::Digest::of(std::string_view("other")).str();
  });
  EXPECT_EQ(repository(registry_).fetch_manifest("v1", {})->digest(), image->digest());
  EXPECT_LT(left_, 1);
}

TEST_F(ClientFaults, AskForNoMoreMountsWhereOneBreaksOff) {
  const auto first = test::put_blob(registry_.storage(), "other/app", "first");
  const auto second = test::put_blob(registry_.storage(), "other/app", "second");
  RemoteRepository& to = repository(registry_);
  const oci::Repository from{registry_.address(), "other/app"};
  change("POST", "/blobs/uploads/", kEveryTime, test::drop);
  EXPECT_FALSE(to.try_mount({"", first, 5}, from, {}));
  const std::size_t asked = registry_.interceptor().count("POST");
  EXPECT_FALSE(to.try_mount({"", second, 6}, from, {}));
  EXPECT_EQ(registry_.interceptor().count("POST"), asked);
}

TEST_F(ClientFaults, LookForAManifestWhoseAnswersAreLost) {
  const oci::ManifestPtr image = put_image();
  for (const std::string& name : {std::string("v2"), image->digest().str()}) {
    change("PUT", "/manifests/", kEveryTime, test::drop);
    EXPECT_NO_THROW(repository(registry_).push_manifest(*image, name, {})) << name;
    EXPECT_LT(left_, kEveryTime);
  }
  EXPECT_EQ(registry_.storage().find_tag("some/app", "v2"), image->digest());
  registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "PUT") return std::nullopt;
    tr::Response nothing;
    test::drop(nothing);
    return nothing;
  });
  EXPECT_THAT([&] { repository(registry_).push_manifest(*image, "v3", {}); },
              ThrowsError(ErrorKind::kTransport, "empty reply"));
}

TEST_F(ClientFaults, LookForABlobWhoseAnswersAreLost) {
  const std::string bytes = random_bytes(700'000, 1);
  change("PUT", "/blobs/uploads/", kEveryTime, test::drop);
  push(repository(registry_), bytes);
  EXPECT_LT(left_, kEveryTime);
  EXPECT_TRUE(registry_.storage().find_blob("some/app", oci::Digest::of(bytes)));
}

TEST_F(ClientFaults, BeginAnUploadAnewThatCanNotBeAskedHowFarItIs) {
  const std::string bytes = random_bytes(700'000, 1);
  std::atomic<bool> is_first = true;
  registry_.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    const bool breaks = head.method == "PATCH" && is_first.exchange(false);
    if (breaks || (head.method == "GET" && head.path.find("/uploads/") != std::string::npos))
      test::drop(response);
  });
  push(repository(registry_), bytes);
  EXPECT_EQ(registry_.interceptor().count("POST"), 2U);
  EXPECT_TRUE(registry_.storage().find_blob("some/app", oci::Digest::of(bytes)));
}

TEST_F(ClientFaults, AskAgainHowARegistryIsReachedWhereTheConnectionEnds) {
  put_image();
  change("GET", "/v2/", 2, test::drop);
  RemoteRepository& from = repository(registry_);
  EXPECT_EQ(from.tags({}), std::vector<std::string>{"v1"});
  EXPECT_LT(left_, 1);
}

}  // namespace
}  // namespace tote::registry
