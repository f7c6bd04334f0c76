// How many requests the usual jobs cost. Each number is exact: who makes one larger has to say why.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tote {
namespace {

using Counts = std::map<std::string, std::size_t>;  // by method

class RequestCount : public testing::Test {
 protected:
  RequestCount() {
    test::put_image(source_.storage(), "src/app", {"one", "two", "three"}, "v1");
    test::write_text(dir_ / "bundle/.imgpkg/images.yml",
                     "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n");
    test::write_text(dir_ / "bundle/config.yml", "level: info\n");
  }

  void run(const std::vector<std::string>& arguments) {
    source_.interceptor().forget_requests();
    destination_.interceptor().forget_requests();
    EXPECT_DONE(test::tote(arguments, {.directory = dir_.path()}));
  }
  void copy(const test::TestRegistry& to) {
    run({"copy", "-i", source_.address() + "/src/app:v1", "--to-repo", to.address() + "/dst/app"});
  }
  static Counts of(test::TestRegistry& registry) {
    Counts counts;
    for (const std::string& request : registry.interceptor().requests())
      ++counts[request.substr(0, request.find(' '))];
    return counts;
  }

  static constexpr std::size_t kImages = 30;
  void put_bundle_of_images(const std::function<std::string(std::size_t)>& repository_of =
                                [](std::size_t i) { return fmt::format("src/i{}", i); }) {
    std::vector<std::string> images;
    for (std::size_t i = 0; i < kImages; ++i) {
      const std::string name = repository_of(i);
      const auto digest = test::put_image(source_.storage(), name,
                                          {fmt::format("{} one", i), fmt::format("{} two", i)});
      images.push_back(fmt::format("{}/{}@{}", source_.address(), name, digest.str()));
    }
    test::put_bundle(source_.storage(), "src/bundle", test::images_lock(images), "v1");
  }
  std::string bundle() const { return source_.address() + "/src/bundle:v1"; }
  void expect_bundle_sent() {
    Counts counts = of(destination_);
    EXPECT_EQ(counts["POST"], 3 * kImages + 2 + 2) << "the bundle and its record too";
    EXPECT_EQ(counts["PUT"], kImages + 1 + 2 + 1);
    EXPECT_LE(counts["GET"] + counts["HEAD"], 14U);
  }

  test::TempDir dir_;
  test::TestRegistry source_;
  test::TestRegistry destination_;
};

// At the source the probe, the manifest, its config, three layers, and the tags and the referrers
// of the image that was named. At the destination the probe,
// for the image and its tag a HEAD and, once, a GET that makes sure of it, a HEAD and a POST for
// each of four blobs, and the image under both of its tags.
TEST_F(RequestCount, OfACopyToAnotherRegistry) {
  copy(destination_);
  EXPECT_EQ(of(source_), (Counts{{"GET", 8}}));
  EXPECT_EQ(of(destination_), (Counts{{"GET", 2}, {"HEAD", 6}, {"POST", 4}, {"PUT", 2}}));
}

TEST_F(RequestCount, OfTheSameCopyOnceMore) {
  copy(destination_);
  copy(destination_);
  EXPECT_EQ(of(source_), (Counts{{"GET", 5}}));
  EXPECT_EQ(of(destination_), (Counts{{"GET", 1}, {"HEAD", 2}}));
}

TEST_F(RequestCount, OfACopyWithinARegistry) {
  copy(source_);
  EXPECT_EQ(of(source_), (Counts{{"GET", 6}, {"HEAD", 2}, {"POST", 4}, {"PUT", 2}}));
}

// A bundle of thirty images that nobody has relocated, each of three blobs. At the source the
// probe; of the bundle the manifest, the config, the lock, the relocation record that is not there,
// and once more as an image; its tags, its referrers, and one of its images, which are not beside
// it; of each image all. At the destination its tags and a few looks, then what is sent.
TEST_F(RequestCount, OfCopyingABundleToAFreshRepository) {
  put_bundle_of_images();
  run({"copy", "-b", bundle(), "--to-repo", destination_.address() + "/dst/bundle"});
  EXPECT_EQ(of(source_)["GET"], 4 * kImages + 9);
  EXPECT_EQ(of(source_)["HEAD"], 0U);
  expect_bundle_sent();
}

TEST_F(RequestCount, OfCopyingABundleFromAnArchive) {
  put_bundle_of_images();
  run({"copy", "-b", bundle(), "--to-tar", "bundle.tar"});
  run({"copy", "--tar", "bundle.tar", "--to-repo", destination_.address() + "/dst/bundle"});
  EXPECT_EQ(of(source_), Counts());
  expect_bundle_sent();
}

// Of the bundle what a copy asks for, of each image its manifest, since what has two layers is no
// bundle, and of each repository its tags, among which cosign's would be.
TEST_F(RequestCount, OfDescribingABundle) {
  put_bundle_of_images();
  run({"describe", "-b", bundle()});
  EXPECT_EQ(of(source_), (Counts{{"GET", 2 * kImages + 7}}));
}

// Of one repository, so that its tags are asked for once.
TEST_F(RequestCount, OfDescribingABundleOfOneRepository) {
  put_bundle_of_images([](std::size_t) { return "src/images"; });
  run({"describe", "-b", bundle()});
  EXPECT_EQ(of(source_), (Counts{{"GET", kImages + 8}}));
}

TEST_F(RequestCount, OfPushingABundle) {
  run({"push", "-b", destination_.address() + "/dst/bundle:v1", "-f", "bundle"});
  EXPECT_EQ(of(destination_), (Counts{{"GET", 2}, {"HEAD", 4}, {"POST", 2}, {"PUT", 2}}));
}

}  // namespace
}  // namespace tote
