// tote describe of images, archives and layouts; what it says of sizes and platforms. (What imgpkg
// knows too is in imgpkg_describe_test.cc.)
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class DescribeTest : public testing::Test {
 protected:
  DescribeTest() {
    const std::string shared = test::random_bytes(10'000, 1);
    const auto amd = test::put_image(registry_.storage(), "src/index", {shared});
    const auto arm =
        test::put_image(registry_.storage(), "src/index", {shared}, {}, {.architecture = "arm64"});
    index_ =
        test::put_index(registry_.storage(), "src/index", {{amd, "amd64"}, {arm, "arm64"}}, "v1");
    image_ = test::put_image(registry_.storage(), "src/app", {shared}, "v1");
    bundle_ = test::put_bundle(
        registry_.storage(), "src/bundle",
        test::images_lock({reference("src/index", index_), reference("src/app", image_)}), "v1");
  }

  std::string at(const std::string& name) const { return registry_.address() + "/" + name; }
  std::string reference(const std::string& name, const oci::Digest& digest) const {
    return fmt::format("{}@{}", at(name), digest.str());
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  static std::string text(Strings arguments) {
    arguments.insert(arguments.begin(), {"describe", "-q"});
    const auto result = tote(arguments);
    EXPECT_DONE(result);
    return result.out;
  }
  static Json json(Strings arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    return Json::parse(text(arguments), "description");
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
  oci::Digest index_ = oci::Digest::of("");
  oci::Digest image_ = index_;
  oci::Digest bundle_ = index_;
};

// No tag says that they are there too, and no record.
TEST_F(DescribeTest, FindsImagesBesideTheirBundleThatAreWhereTheLockSaysAsWell) {
  Strings images;
  for (int i = 0; i < 40; ++i) {
    const Strings layers = {fmt::format("{} one", i), fmt::format("{} two", i)};
    const auto digest = test::put_image(registry_.storage(), "src/original", layers);
    ASSERT_EQ(test::put_image(registry_.storage(), "src/all", layers), digest);
    images.push_back(reference("src/original", digest));
  }
  test::put_bundle(registry_.storage(), "src/all", test::images_lock(images), "v1");
  const Json described = json({"-b", at("src/all:v1")}).at("content").at("images");
  for (const std::string& image : images) {
    const std::string digest = image.substr(image.find('@') + 1);
    EXPECT_EQ(described.at(digest).at("image").string(), at("src/all@" + digest));
  }
}

// A bundle has one layer; a copy, which reads all configs anyhow, refuses such an image.
TEST_F(DescribeTest, TakesWhatHasABundlesLabelAndSeveralLayersForAnImage) {
  const auto labelled = test::put_image(registry_.storage(), "src/labelled", {"one", "two"}, {},
                                        {.labels_json = R"({"dev.carvel.imgpkg.bundle":""})"});
  test::put_bundle(registry_.storage(), "src/outer",
                   test::images_lock({reference("src/labelled", labelled)}), "v1");
  const Json described = json({"-b", at("src/outer:v1")}).at("content").at("images");
  EXPECT_EQ(described.at(labelled.str()).at("image").string(), reference("src/labelled", labelled));
  EXPECT_EQ(tote({"copy", "-b", at("src/outer:v1"), "--to-tar", path("x.tar")}).exit_code, 1);
}

TEST_F(DescribeTest, SaysHowLargeThingsAreAndForWhichPlatforms) {
  const Json described = json({at("src/bundle:v1")});
  const Json images = described.at("content").at("images");
  const Json index = images.at(index_.str());
  EXPECT_EQ(index.at("platforms").items().size(), 2U);
  EXPECT_EQ(index.at("platforms").items()[1].string(), "linux/arm64");
  EXPECT_FALSE(images.at(image_.str()).find("platforms"));
  // The layer of both images of the index counts once, and once in all.
  const std::uint64_t of_index = index.at("bytes").number();
  const std::uint64_t of_image = images.at(image_.str()).at("bytes").number();
  EXPECT_GT(of_index, 10'000U);
  EXPECT_LT(of_index, 13'000U);
  EXPECT_LT(described.at("totalBytes").number(), 15'000U);
  EXPECT_EQ(described.at("totalBytes").number(), of_index + described.at("bytes").number());
  EXPECT_LT(of_image, of_index);
  EXPECT_THAT(
      text({at("src/bundle:v1")}),
      AllOf(HasSubstr(fmt::format("Total bytes: {}\n", described.at("totalBytes").number())),
            HasSubstr("    Platforms: linux/amd64, linux/arm64\n"),
            HasSubstr(fmt::format("    Bytes: {}\n", of_index))));
  EXPECT_THAT(text({at("src/bundle:v1"), "-o", "yaml"}),
              AllOf(HasSubstr(fmt::format("      bytes: {}\n", of_index)),
                    HasSubstr("      platforms:\n      - linux/amd64\n      - linux/arm64\n")));
}

TEST_F(DescribeTest, SaysWhereImagesWereBeforeTheyWereCopied) {
  EXPECT_DONE(tote({"copy", "-q", "-b", at("src/bundle:v1"), "--to-repo", at("mid")}));
  EXPECT_DONE(tote({"copy", "-q", "-b", at("mid:v1"), "--to-tar", path("a.tar")}));
  EXPECT_DONE(tote({"copy", "-q", "--tar", path("a.tar"), "--to-repo", at("far")}));
  for (const std::string& place : {at("mid:v1"), path("a.tar"), at("far:v1")}) {
    const Json app = json({place}).at("content").at("images").at(image_.str());
    EXPECT_EQ(app.at("origin").string(), reference("src/app", image_)) << place;
  }
  const Json app = json({at("far:v1")}).at("content").at("images").at(image_.str());
  EXPECT_EQ(app.at("image").string(), reference("far", image_));
}

TEST_F(DescribeTest, DescribesImages) {
  EXPECT_THAT(text({at("src/app:v1")}),
              AllOf(HasSubstr("Images:\n  - Image: " + reference("src/app", image_)),
                    HasSubstr("    Bytes: "), Not(HasSubstr("Bundle SHA"))));
  const Json described = json({"oci://" + at("src/index:v1")});
  EXPECT_FALSE(described.find("sha"));
  EXPECT_EQ(described.at("content").at("images").at(index_.str()).at("platforms").items().size(),
            2U);
}

TEST_F(DescribeTest, DescribesAnyArchiveOrLayout) {
  EXPECT_DONE(tote({"copy", "-q", "-i", at("src/app:v1"), "--to-layout", path("l")}));
  EXPECT_THAT(text({path("l")}), HasSubstr("Image: " + reference("src/app", image_)));
  EXPECT_DONE(tote({"copy", "-q", "-i", at("src/index:v1"), "--to-layout", path("l")}));
  const Json both = json({"--tar", path("l")});
  EXPECT_EQ(both.at("content").at("images").members().size(), 2U);
  EXPECT_DONE(tote({"copy", "-q", "-b", at("src/bundle:v1"), "--to-tar", path("b.tar")}));
  EXPECT_EQ(json({path("b.tar")}).at("sha").string(), bundle_.str());
  EXPECT_EQ(json({path("b.tar"), "-b", reference("src/app", image_)}).find("sha"), std::nullopt);
  EXPECT_DONE(tote({"copy", "-q", "-i", at("src/index:v1"), "--platform", "linux/arm64", "--to-tar",
                    path("sparse.tar")}));
  EXPECT_DONE(tote({"describe", path("sparse.tar")}));
}

// Of old, or of others: which bundle was meant is not said.
TEST_F(DescribeTest, DoesNotRepeatWhatABundleNames) {
  test::write_text(dir_ / "images.yml", test::images_lock({reference("src/app", image_)}));
  EXPECT_DONE(tote({"copy", "-q", "-b", at("src/bundle:v1"), "--to-layout", path("l")}));
  std::string index = test::read_text(dir_ / "l/index.json");
  const std::string mark = R"("dev.carvel.imgpkg.copy.root-bundle":"",)";
  ASSERT_NE(index.find(mark), std::string::npos) << index;
  test::write_text(dir_ / "l/index.json", index.erase(index.find(mark), mark.size()));
  const Json content = json({path("l")}).at("content");
  EXPECT_FALSE(content.find("images"));
  EXPECT_EQ(content.at("bundles").at(bundle_.str()).at("content").at("images").members().size(),
            2U);
}

TEST_F(DescribeTest, WantsOneThing) {
  for (const Strings& arguments :
       std::vector<Strings>{{at("src/app:v1"), "--tar", path("l")},
                            {at("src/app:v1"), "-b", at("src/bundle:v1")},
                            {at("src/app:v1"), at("src/bundle:v1")},
                            {path("none.tar")}}) {
    Strings words = {"describe"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(tote(words).exit_code, 1);
  }
  EXPECT_THAT(tote({"describe", "-b", at("src/app:v1")}).err,
              HasSubstr("hint: leave -b away: 'tote describe IMAGE' is for images too"));
}

}  // namespace
}  // namespace tote
