// What a copy into a repository asks for and sends, and in which order.
#include "bundle/transfer.h"

#include "bundle/image_tags.h"
#include "testregistry/http/error_response.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/test_registry.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tote::bundle {
namespace {

using testing::HasSubstr;
using Strings = std::vector<std::string>;

class TransferTest : public testing::Test {
 protected:
  oci::Reference at(const std::string& path) const {
    return oci::Reference::parse(registry_.address() + "/" + path);
  }

  TransferResult copy(const TransferSource& source, const TransferOptions& options = {}) {
    registry_.interceptor().forget_requests();
    return transfer(source, RepositoryTarget{at("dst/all").repository}, options, client_, {pool_});
  }

  // Those of the last copy that changed something, each without what is random in it.
  Strings changes() {
    Strings changes;
    for (const std::string& request : registry_.interceptor().requests())
      if (!request.starts_with("GET ") && !request.starts_with("HEAD ")) changes.push_back(request);
    return changes;
  }

  std::size_t count(const std::string& prefix) { return registry_.interceptor().count(prefix); }
  std::string text_of(const oci::Digest& image) const {
    return registry_.address() + "/src/app@" + image.str();
  }

  test::TestRegistry registry_;
  registry::Client client_{{.keychain = {.anonymous = true}}};
  ThreadPool pool_{3};
};

TEST_F(TransferTest, LooksAtEverythingBeforeItChangesAnything) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/app", {"a"});
  test::put_bundle(storage, "src/bundle", test::images_lock({text_of(image)}), "v1");
  copy(FromBundle{at("src/bundle:v1")});
  const Strings all = registry_.interceptor().requests();
  const auto is_change = [](const std::string& request) {
    return !request.starts_with("GET ") && !request.starts_with("HEAD ");
  };
  const auto first = std::ranges::find_if(all, is_change);
  ASSERT_NE(first, all.end());
  EXPECT_TRUE(std::none_of(first, all.end(), [](const std::string& request) {
    return request.starts_with("HEAD ");
  })) << "asked after the first change";
}

TEST_F(TransferTest, SetsWhatPeopleLookAtLast) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/app", {"a"});
  const auto bundle =
      test::put_bundle(storage, "src/bundle", test::images_lock({text_of(image)}), "v1");
  copy(FromBundle{at("src/bundle:v1")});
  const Strings changes = this->changes();
  ASSERT_GE(changes.size(), 3U);
  EXPECT_EQ(changes.back(), "PUT /v2/dst/all/manifests/v1");
  EXPECT_THAT(changes[changes.size() - 3], HasSubstr(locations_tag(bundle)));
}

// Both name nothing, so what they say of that is the same.
TEST_F(TransferTest, SendsTheSameRecordOfTwoBundlesOnce) {
  auto& storage = registry_.storage();
  const auto one = test::put_bundle(storage, "src/one", test::images_lock({}));
  const auto two = test::put_bundle(storage, "src/two", "---\n" + test::images_lock({}));
  const auto outer =
      test::put_bundle(storage, "src/outer",
                       test::images_lock({registry_.address() + "/src/one@" + one.str(),
                                          registry_.address() + "/src/two@" + two.str()}),
                       "v1");
  copy(FromBundle{at("src/outer:v1")});
  const auto record_of = [&](const oci::Digest& bundle) {
    return storage.find_tag("dst/all", locations_tag(bundle));
  };
  ASSERT_TRUE(record_of(one));
  EXPECT_EQ(record_of(one), record_of(two));
  EXPECT_NE(record_of(one), record_of(outer));
  EXPECT_EQ(count("PUT /v2/dst/all/manifests/" + default_tag(*record_of(one))), 1U);
  // Three bundles and two records, of two blobs each; the registry has the bundles' blobs.
  EXPECT_EQ(count("POST /v2/dst/all/blobs/uploads/?mount="), 6U);
  EXPECT_EQ(count("POST /v2/dst/all/blobs/uploads/"), 10U);
}

TEST_F(TransferTest, DoesNotSetATagThatTheImageHasByThen) {
  const auto image = test::put_image(registry_.storage(), "src/app", {"a"});
  const std::string tag = default_tag(image);
  registry_.storage().put_tag("src/app", tag, image);
  copy(FromImage{at("src/app:" + tag)});
  EXPECT_EQ(registry_.storage().find_tag("dst/all", tag), image);
  EXPECT_EQ(count("PUT /v2/dst/all/manifests/"), 1U);
  EXPECT_EQ(count("HEAD /v2/dst/all/manifests/"), 1U);
}

TEST_F(TransferTest, SetsATagThatTwoImagesShareOnce) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/app", {"a"});
  test::put_image(storage, "src/twin", {"a"});
  const std::string tag = oci::attachment_tag(image, oci::kSignatureSuffix);
  for (const char* place : {"src/app", "src/twin"}) test::put_image(storage, place, {"sig"}, tag);
  const ImagesLock lock = ImagesLock::parse(
      test::images_lock({text_of(image), registry_.address() + "/src/twin@" + image.str()}), "l");
  TransferOptions options;
  options.attached.signatures = true;
  copy(FromImagesLock{lock}, options);
  EXPECT_EQ(count("PUT /v2/dst/all/manifests/" + tag), 1U);
}

// Another copy was quicker, and tags may not move.
TEST_F(TransferTest, TakesATagThatIsThereByThenForSet) {
  const auto image = test::put_image(registry_.storage(), "src/app", {"a"}, "v1");
  registry_.interceptor().replace(
      [&](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.method != "PUT" || !head.path.ends_with("/manifests/v1")) return std::nullopt;
        registry_.storage().put_tag("dst/all", "v1", image);
        return testregistry::error_response(409, "DENIED", "tag is immutable");
      });
  EXPECT_NO_THROW(copy(FromImage{at("src/app:v1")}));
  EXPECT_EQ(registry_.storage().find_tag("dst/all", "v1"), image);
}

TEST_F(TransferTest, RepeatedSendsNothing) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/app", {"a"});
  test::put_bundle(storage, "src/bundle", test::images_lock({text_of(image)}), "v1");
  copy(FromBundle{at("src/bundle:v1")});
  copy(FromBundle{at("src/bundle:v1")});
  EXPECT_EQ(changes(), Strings{});
}

TEST_F(TransferTest, TellsOfTagsThatAreThereAlready) {
  test::put_image(registry_.storage(), "src/app", {"a"}, "v1");
  copy(FromImage{at("src/app:v1")});
  int tagged = 0;
  TransferOptions options;
  options.observer = [&](const Event& event) {
    if (const auto* told = std::get_if<Tagged>(&event)) tagged += told->image.tag == "v1";
  };
  copy(FromImage{at("src/app:v1")}, options);
  EXPECT_EQ(tagged, 1);
}

}  // namespace
}  // namespace tote::bundle
