// Referrers, where registries keep lists of them and where clients have to.
#include "base/task_group.h"
#include "base/text.h"
#include "tests/registry/client_fixture.h"
#include "tests/support/attached.h"

#include <fmt/format.h>

#include <atomic>
#include <set>

namespace tote::registry {
namespace {

namespace tr = testregistry;
using testing::HasSubstr;

constexpr const char* kType = "application/vnd.example.sbom";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

// As docker-registry 2 and ghcr.io: no list, and no word of subjects.
void keep_no_lists(TestRegistry& registry, int status = 404) {
  registry.interceptor().replace([status](const tr::RequestHead& head) {
    return head.path.find("/referrers/") == std::string::npos
               ? std::nullopt
               : std::optional(tr::Response{status, {}, "404 page not found\n"});
  });
  registry.interceptor().change([](const tr::RequestHead&, tr::Response& response) {
    std::erase_if(response.headers,
                  [](const auto& header) { return header.first == "OCI-Subject"; });
  });
}

class Referrers : public ClientTest {
 protected:
  std::set<oci::Digest> listed(RemoteRepository& repository, const oci::Digest& subject,
                               std::string_view type = {}) {
    std::set<oci::Digest> digests;
    for (const oci::Descriptor& found : repository.find_referrers(subject, type, {}))
      digests.insert(found.digest);
    return digests;
  }
  oci::Digest put(const std::string& content, const char* type = kType) {
    return test::put_referrer(registry_.storage(), "some/app", image_, type, content);
  }
  // A manifest whose blobs are there, which was not pushed.
  oci::ManifestPtr referrer(int number) {
    const std::string content = fmt::format("sbom {}", number);
    TestRegistry elsewhere;
    const oci::Digest digest =
        test::put_referrer(elsewhere.storage(), "some/app", image_, kType, content);
    test::put_blob(registry_.storage(), "some/app", content);
    test::put_blob(registry_.storage(), "some/app", "{}");
    return repository(elsewhere).fetch_manifest(digest.str(), {});
  }

  TestRegistry registry_;
  const oci::Digest image_ = test::put_image(registry_.storage(), "some/app", {"layer"}, "v1");
};

TEST_F(Referrers, AreTakenFromTheRegistrysList) {
  const auto a = put("a");
  const auto b = put("b", "application/vnd.example.other");
  auto& app = repository(registry_);
  EXPECT_EQ(listed(app, image_), (std::set{a, b}));
  EXPECT_EQ(listed(app, image_, kType), (std::set{a}));
  EXPECT_TRUE(listed(app, a).empty());
}

TEST_F(Referrers, AreReadPageByPage) {
  std::set<oci::Digest> all;
  for (int i = 0; i < 5; ++i) all.insert(put(std::to_string(i)));
  std::atomic<int> pages = 0;
  registry_.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/referrers/") == std::string::npos) return;
    const int page = pages++;
    const Json json = Json::parse(test::body_of(response), "list");
    const Json entry = json.at("manifests").items().at(static_cast<std::size_t>(page));
    response.body = fmt::format(R"({{"manifests":[{}]}})", entry.text());
    if (page < 4)
      response.headers.emplace_back("Link",
                                    fmt::format("<{}?p={}>; rel=\"next\"", head.path, page));
  });
  EXPECT_EQ(listed(repository(registry_), image_), all);
  EXPECT_EQ(pages, 5);
}

TEST_F(Referrers, ThatGoOnForEverAreAnError) {
  put("a");
  registry_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/referrers/") != std::string::npos)
      response.headers.emplace_back("Link", fmt::format("<{}?again>; rel=\"next\"", head.path));
  });
  EXPECT_THAT([&] { listed(repository(registry_), image_); },
              ThrowsError(ErrorKind::kRegistry, "list of referrers does not end"));
}

TEST_F(Referrers, ThatGoOnElsewhereAreAnError) {
  registry_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/referrers/") != std::string::npos)
      response.headers.emplace_back("Link", "<https://elsewhere.invalid/>; rel=\"next\"");
  });
  EXPECT_THAT([&] { listed(repository(registry_), image_); },
              ThrowsError(ErrorKind::kRegistry, "goes on elsewhere"));
}

TEST_F(Referrers, ThatAreTooManyAreAnError) {
  std::string entries;
  for (int i = 0; i <= 10'000; ++i)
    entries += fmt::format(R"({}{{"mediaType":"x","digest":"{}","size":1}})", i == 0 ? "" : ",",
                           oci::Digest::of(std::to_string(i)).str());
  registry_.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/referrers/") != std::string::npos)
      response.body = fmt::format(R"({{"manifests":[{}]}})", entries);
  });
  EXPECT_THAT([&] { listed(repository(registry_), image_); },
              ThrowsError(ErrorKind::kRegistry, "more than 10000 referrers"));
}

class NoReferrersApi : public Referrers, public testing::WithParamInterface<int> {};

TEST_P(NoReferrersApi, LeavesTheTagThatClientsKeep) {
  keep_no_lists(registry_, GetParam());
  auto& app = repository(registry_);
  const auto one = referrer(1);
  EXPECT_TRUE(listed(app, image_).empty());
  app.push_manifest(*one, one->digest().str(), {});
  EXPECT_EQ(listed(app, image_), std::set{one->digest()});
  // The list was asked for once.
  EXPECT_EQ(registry_.interceptor().count("GET /v2/some/app/referrers/"), 1U);
}

INSTANTIATE_TEST_SUITE_P(Status, NoReferrersApi, testing::Values(400, 404, 405, 406, 501));

TEST_F(Referrers, OfARegistryThatAnswersWithAPageForPeopleAreUnderTheTag) {
  registry_.interceptor().replace([](const tr::RequestHead& head) {
    return head.path.find("/referrers/") == std::string::npos
               ? std::nullopt
               : std::optional(tr::Response{200, {{"Content-Type", "text/html"}}, "<html>"});
  });
  EXPECT_TRUE(listed(repository(registry_), image_).empty());
  EXPECT_EQ(registry_.interceptor().count("GET /v2/some/app/manifests/sha256-"), 1U);
}

TEST_F(Referrers, AreNotListedByTagWhereTheRegistryDoesIt) {
  const auto one = referrer(1);
  repository(registry_).push_manifest(*one, one->digest().str(), {});
  EXPECT_FALSE(registry_.storage().find_tag("some/app", oci::digest_tag(image_)));
}

TEST_F(Referrers, KeepWhatOthersHaveListed) {
  keep_no_lists(registry_);
  const std::string other = fmt::format(
      R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},"annotations":{{"a":"b"}},"odd":[1]}})",
      put("other").str(),
      tr::content_length(registry_.storage().find_manifest("some/app", put("other"))->content));
  test::put_manifest(
      registry_.storage(), "some/app", kIndex,
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}],"note":1}})", kIndex,
                  other),
      oci::digest_tag(image_));
  auto& app = repository(registry_);
  const auto one = referrer(1);
  app.push_manifest(*one, one->digest().str(), {});
  EXPECT_EQ(listed(app, image_), (std::set{put("other"), one->digest()}));
  const Json list = app.fetch_manifest(oci::digest_tag(image_), {})->json();
  EXPECT_EQ(list.at("note").number(), 1U);
  EXPECT_EQ(list.at("manifests").items().at(0).at("odd").text(), "[1]");
  EXPECT_EQ(list.at("manifests").items().at(1).at("artifactType").string(), kType);
  // Once more changes nothing.
  registry_.interceptor().forget_requests();
  app.push_manifest(*one, one->digest().str(), {});
  EXPECT_EQ(registry_.interceptor().count("PUT "), 1U);
}

TEST_F(Referrers, ThatArePushedBesideEachOtherAreAllListed) {
  keep_no_lists(registry_);
  auto& app = repository(registry_);
  std::set<oci::Digest> all;
  ThreadPool pool(4);
  TaskGroup group(pool, {});
  for (int i = 0; i < 16; ++i) {
    const auto one = referrer(i);
    all.insert(one->digest());
    group.run([&app, one](const std::stop_token& stop) {
      app.push_manifest(*one, one->digest().str(), stop);
    });
  }
  group.wait();
  EXPECT_EQ(listed(app, image_), all);
}

TEST_F(Referrers, AreNotPutIntoWhatIsNoList) {
  keep_no_lists(registry_);
  test::put_image(registry_.storage(), "some/app", {"in the way"}, oci::digest_tag(image_));
  const auto one = referrer(1);
  EXPECT_THAT([&] { repository(registry_).push_manifest(*one, one->digest().str(), {}); },
              ThrowsError(ErrorKind::kParse, "no list of referrers"));
}

TEST_F(Referrers, ThatAreThereAndNotListedArePushedAgain) {
  keep_no_lists(registry_);
  auto& app = repository(registry_);
  const auto one = referrer(1);
  test::put_manifest(registry_.storage(), "some/app", one->media_type(), one->bytes());
  EXPECT_FALSE(app.lists_referrer(*one, {}));
  app.push_manifest(*one, one->digest().str(), {});
  EXPECT_TRUE(app.lists_referrer(*one, {}));
}

}  // namespace
}  // namespace tote::registry
