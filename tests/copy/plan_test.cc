#include "copy/plan.h"

#include "registry/client.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/test_registry.h"
#include "transport/curl_transport.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace tote::copy {
namespace {

using test::TestRegistry;

class PlanTest : public testing::Test {
 protected:
  oci::Repository repository(const std::string& path) const { return {registry_.address(), path}; }

  oci::CarriedImage image(const std::string& path, const oci::Digest& digest) {
    return {repository(path),
            *client_.repository(repository(path)).resolve(digest.str(), {}),
            {},
            {},
            {}};
  }

  Plan plan(std::vector<oci::CarriedImage> images,
            NonDistributable non_distributable = NonDistributable::kSkip,
            bool guess_schema1 = false) {
    ManifestCache cache([this](const oci::Repository& name) -> oci::ImageReader& {
      return client_.repository(name);
    });
    return plan_copy(std::move(images), cache, {non_distributable, guess_schema1}, pool_, {});
  }

  TestRegistry registry_;
  transport::CurlTransport transport_{{}};
  registry::Client client_{{.keychain = {.anonymous = true}}, transport_, system_clock()};
  ThreadPool pool_{3};
};

TEST_F(PlanTest, HoldsEachBlobOnceAndChildrenBeforeTheirIndex) {
  auto& storage = registry_.storage();
  const auto a =
      test::put_image(storage, "src/app", {"shared", "a"}, "", {.architecture = "amd64"});
  const auto b =
      test::put_image(storage, "src/app", {"shared", "b"}, "", {.architecture = "arm64"});
  const auto index = test::put_index(storage, "src/app", {{a, "amd64"}, {b, "arm64"}});
  const Plan plan = this->plan({image("src/app", index), image("src/app", a)});
  EXPECT_EQ(plan.contents.layers.size(), 3U);
  EXPECT_EQ(plan.contents.configs.size(), 2U);
  ASSERT_EQ(plan.contents.manifests.size(), 3U);
  EXPECT_EQ((std::set<oci::Digest>{plan.contents.manifests[0]->digest(),
                                   plan.contents.manifests[1]->digest()}),
            (std::set<oci::Digest>{a, b}));
  EXPECT_EQ(plan.contents.manifests[2]->digest(), index);
  std::uint64_t bytes = 6 + 1 + 1;
  for (const auto& config : plan.contents.configs) bytes += config.bytes.size();
  EXPECT_EQ(plan.total_bytes, bytes);
}

TEST_F(PlanTest, ReadsEveryManifestAndConfigOnce) {
  const auto a = test::put_image(registry_.storage(), "src/app", {"x"});
  const oci::CarriedImage root = image("src/app", a);
  registry_.interceptor().forget_requests();
  plan({root, root});
  EXPECT_EQ(registry_.interceptor().count("GET /v2/src/app/manifests/"), 1U);
  EXPECT_EQ(registry_.interceptor().count("GET /v2/src/app/blobs/"), 1U);
}

TEST_F(PlanTest, DoesNotDependOnTheOrderOfTheRoots) {
  const auto a = image("src/app", test::put_image(registry_.storage(), "src/app", {"a"}));
  const auto b = image("src/app", test::put_image(registry_.storage(), "src/app", {"b"}));
  const Plan one = plan({a, b});
  const Plan two = plan({b, a});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.contents.images[i].reference(), two.contents.images[i].reference());
    EXPECT_EQ(one.contents.manifests[i]->bytes(), two.contents.manifests[i]->bytes());
  }
}

TEST_F(PlanTest, CarriesNonDistributableLayersOnlyWhenTold) {
  auto& storage = registry_.storage();
  test::put_blob(storage, "src/app", "{}");
  const std::string foreign = fmt::format(
      R"({{"config":{{"mediaType":"c","size":2,"digest":"{}"}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar","size":3,"digest":"{}"}}]}})",
      oci::Digest::of("{}").str(), oci::Digest::of("abc").str());
  const auto digest =
      test::put_manifest(storage, "src/app", "application/vnd.oci.image.manifest.v1+json", foreign);
  const Plan without = plan({image("src/app", digest)});
  EXPECT_TRUE(without.contents.layers.empty());
  ASSERT_EQ(without.restricted.size(), 1U);
  EXPECT_EQ(without.restricted[0].layers[0], oci::Digest::of("abc"));
  EXPECT_EQ(plan({image("src/app", digest)}, NonDistributable::kInclude).contents.layers.size(),
            1U);
}

TEST_F(PlanTest, SaysWhichImageItWorkedWith) {
  const auto digest = test::put_image(registry_.storage(), "src/app", {"a"});
  const oci::CarriedImage root = image("src/app", digest);
  registry_.storage().remove_manifest("src/app", digest);
  EXPECT_THAT([&] { plan({root}); },
              test::ThrowsError(ErrorKind::kNotFound,
                                "Collecting packaging metadata: Working with " + root.reference()));
}

TEST_F(PlanTest, SaysWhichIndexNamesWhatIsNotThere) {
  auto& storage = registry_.storage();
  const auto child = test::put_image(storage, "src/app", {"a"});
  const auto index = test::put_index(storage, "src/app", {{child, "amd64"}});
  const oci::CarriedImage root = image("src/app", index);
  storage.remove_manifest("src/app", child);
  EXPECT_THAT([&] { plan({root}); },
              test::ThrowsError(ErrorKind::kNotFound, "index '" + root.reference() + "' names '" +
                                                          child.str() + "', which is not there"));
  EXPECT_THAT([&] { plan({root}, NonDistributable::kSkip, true); },
              test::ThrowsError(ErrorKind::kNotFound, "Docker Registry v1 format"));
}

TEST_F(PlanTest, CarriesConfigsOfAnySizeAndReadsOnlySmallOnes) {
  auto& storage = registry_.storage();
  const std::string large((4U << 20U) + 1, 'm');
  test::put_blob(storage, "src/model", large);
  const std::string manifest = fmt::format(
      R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.example.model","size":{},"digest":"{}"}},"layers":[]}})",
      large.size(), oci::Digest::of(large).str());
  const auto digest = test::put_manifest(storage, "src/model",
                                         "application/vnd.oci.image.manifest.v1+json", manifest);
  const oci::CarriedImage root = image("src/model", digest);
  registry_.interceptor().forget_requests();
  const Plan plan = this->plan({root});
  EXPECT_TRUE(plan.contents.configs.empty());
  ASSERT_EQ(plan.contents.layers.size(), 1U);
  EXPECT_EQ(plan.contents.layers[0].blob.digest, oci::Digest::of(large));
  EXPECT_EQ(plan.total_bytes, large.size());
  EXPECT_EQ(registry_.interceptor().count("GET /v2/src/model/blobs/"), 0U);
}

TEST_F(PlanTest, CarriesChildrenThatAreNoManifestsAsBlobs) {
  auto& storage = registry_.storage();
  const auto child = test::put_image(storage, "src/cache", {"a"});
  std::string children;
  for (const char* type : {"application/vnd.oci.image.layer.v1.tar+gzip",
                           "application/vnd.buildkit.cacheconfig.v0", "application/xml"}) {
    test::put_blob(storage, "src/cache", type);
    children += fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}"}},)", type,
                            std::string(type).size(), oci::Digest::of(type).str());
  }
  const auto digest = test::put_manifest(
      storage, "src/cache", "application/vnd.oci.image.index.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"manifests":[{}{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,"digest":"{}"}}]}})",
          children, child.str()));
  const Plan plan = this->plan({image("src/cache", digest)});
  EXPECT_EQ(plan.contents.manifests.size(), 2U);
  EXPECT_EQ(plan.contents.layers.size(), 4U) << "three, and the image's own";
}

TEST_F(PlanTest, RefusesEndlessNesting) {
  auto& storage = registry_.storage();
  oci::Digest digest = test::put_image(storage, "src/app", {"a"});
  for (int i = 0; i < 20; ++i) digest = test::put_index(storage, "src/app", {{digest, "amd64"}});
  EXPECT_THAT([&] { plan({image("src/app", digest)}); },
              test::ThrowsError(ErrorKind::kParse, "nested too deeply"));
}

}  // namespace
}  // namespace tote::copy
