// copy --keep-going, as a user types it: what fails is listed, the rest arrives.
#include "tests/support/attached.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

std::string layer(unsigned seed) {
  return test::random_bytes(30'000, seed);
}

// A bundle in a bundle, with an image that can be had beside each.
class KeepGoing : public testing::Test {
 protected:
  KeepGoing() {
    inner_ = put_bundle("inner", {image("inner-good", 1), image("broken", 2)});
    put_bundle("outer", {inner_, image("good", 3)});
  }

  std::string put(const std::string& name, const oci::Digest& digest) {
    digests_.insert_or_assign(name, digest);
    return fmt::format("{}/src/{}@{}", near_.address(), name, digest.str());
  }
  std::string image(const std::string& name, unsigned seed) {
    return put(name, test::put_image(near_.storage(), "src/" + name, {layer(seed)}, "v1"));
  }
  std::string put_bundle(const std::string& name, const Strings& images) {
    return put(name,
               test::put_bundle(near_.storage(), "src/" + name, test::images_lock(images), "v1"));
  }

  void lose_layer() { deny("/blobs/" + oci::Digest::of(layer(2)).str()); }
  void lose_manifest() { deny("/src/broken/manifests/" + digests_.at("broken").str()); }
  void deny(const std::string& path) {
    near_.interceptor().replace(
        [path](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (head.path.find(path) == std::string::npos) return std::nullopt;
          return testregistry::Response{.status = 404};
        });
  }
  void mend() { near_.interceptor().replace({}); }

  test::ProgramResult copy(const Strings& more) {
    Strings words = {"copy", "-q", "-b", near_.address() + "/src/outer:v1", "--keep-going"};
    words.insert(words.end(), more.begin(), more.end());
    return tote(words);
  }
  std::string far(const std::string& name) const { return far_.address() + "/" + name; }
  bool is_there(const std::string& reference) const {
    return tote({"tag", "resolve", "-i", reference}).exit_code == 0;
  }
  bool has(const std::string& name) const {
    return is_there(far("dst@") + digests_.at(name).str());
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
  std::map<std::string, oci::Digest> digests_;
  std::string inner_;
};

class KeepGoingAfter : public KeepGoing, public testing::WithParamInterface<bool> {};

TEST_P(KeepGoingAfter, BringsTheRestToARegistryAndTagsNothingThatLacksAPart) {
  GetParam() ? lose_layer() : lose_manifest();
  const auto failed = copy({"--to-repo", far("dst")});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, AllOf(HasSubstr("All has been copied but for 1 failure: "),
                                HasSubstr(GetParam() ? oci::Digest::of(layer(2)).str()
                                                     : digests_.at("broken").str())));
  EXPECT_TRUE(has("good") && has("inner-good") && has("inner") && has("outer"));
  EXPECT_FALSE(has("broken"));
  EXPECT_FALSE(is_there(far("dst:v1"))) << "the bundle lacks an image";
  const std::string tags = tote({"tag", "list", "-i", far("dst")}).out;
  EXPECT_THAT(tags, Not(HasSubstr("image-locations"))) << "of neither bundle";
  mend();
  EXPECT_DONE(copy({"--to-repo", far("dst")}));
  EXPECT_TRUE(has("broken") && is_there(far("dst:v1")));
  EXPECT_EQ(tote({"verify", "-q", far("dst:v1"), "--deep"}).exit_code, 0);
}

TEST_P(KeepGoingAfter, LeavesAnArchiveWithoutItsName) {
  GetParam() ? lose_layer() : lose_manifest();
  const auto failed = copy({"--to-tar", path("a.tar")});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, AllOf(HasSubstr("All has been copied but for 1 failure: "),
                                HasSubstr("--resume goes on from there")));
  EXPECT_FALSE(std::filesystem::exists(path("a.tar")));
  EXPECT_TRUE(std::filesystem::exists(path("a.tar.part")));
  mend();
  near_.interceptor().forget_requests();
  EXPECT_DONE(copy({"--to-tar", path("a.tar"), "--resume"}));
  EXPECT_EQ(near_.interceptor().count("GET /v2/src/good/blobs/" + oci::Digest::of(layer(3)).str()),
            0U)
      << "it had arrived";
  EXPECT_EQ(tote({"verify", "-q", path("a.tar"), "--deep"}).exit_code, 0);
}

TEST_P(KeepGoingAfter, NamesNoImagesInALayout) {
  GetParam() ? lose_layer() : lose_manifest();
  EXPECT_EQ(copy({"--to-layout", path("l")}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("l/index.json")));
  mend();
  EXPECT_DONE(copy({"--to-layout", path("l")}));
  EXPECT_EQ(tote({"verify", "-q", path("l"), "--deep"}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(All, KeepGoingAfter, testing::Bool(), [](const auto& loses_layer) {
  return loses_layer.param ? "ALostLayer" : "ALostManifest";
});

TEST_F(KeepGoing, WithoutItTheFirstFailureEndsAll) {
  lose_layer();
  const auto failed = tote({"copy", "-q", "-b", near_.address() + "/src/outer:v1", "--to-repo",
                            far("dst"), "--concurrency", "1"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("Copying blob '"));
  EXPECT_FALSE(has("good"));
}

TEST_F(KeepGoing, SetsNoTagOfASignatureWhoseImageFailed) {
  const auto key = test::SigningKey::ecdsa();
  for (const char* name : {"good", "broken"})
    test::sign_by_tag(near_.storage(), std::string("src/") + name, digests_.at(name), key);
  const auto referrer =
      test::sign_by_referrer(near_.storage(), "src/broken", digests_.at("broken"), key);
  lose_layer();
  EXPECT_EQ(copy({"--to-repo", far("dst"), "--include-referrers"}).exit_code, 1);
  EXPECT_TRUE(is_there(far("dst:") + test::cosign_tag(digests_.at("good"))));
  EXPECT_FALSE(is_there(far("dst:") + test::cosign_tag(digests_.at("broken"))));
  EXPECT_FALSE(is_there(far("dst@") + referrer.str()));
  mend();
  EXPECT_DONE(copy({"--to-repo", far("dst"), "--include-referrers"}));
  EXPECT_TRUE(is_there(far("dst:") + test::cosign_tag(digests_.at("broken"))));
  EXPECT_TRUE(is_there(far("dst@") + referrer.str()));
}

// cosign's way and imgpkg's.
TEST_F(KeepGoing, SaysOfWhatNobodyCouldTellWhatIsAttached) {
  for (const char* flag : {"--include-referrers", "--cosign-signatures"}) {
    const std::string to = fmt::format("dst{}", flag);
    near_.interceptor().replace(
        [&](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          const bool is_list = head.path.ends_with("/tags/list");
          if (!is_list && !head.path.ends_with(test::cosign_tag(digests_.at("good"))))
            return std::nullopt;
          return testregistry::Response{.status = 400};
        });
    const auto failed = copy({"--to-repo", far(to), flag});
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_THAT(failed.err, HasSubstr("All has been copied but for 1 failure: "));
    EXPECT_TRUE(is_there(far(to + ":v1"))) << "the images themselves are all there";
  }
}

TEST_F(KeepGoing, SendsWhatItCouldNotAskFor) {
  far_.interceptor().replace(
      [](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.method != "HEAD" || head.path.find("/blobs/") == std::string::npos)
          return std::nullopt;
        return testregistry::Response{.status = 400};
      });
  EXPECT_DONE(copy({"--to-repo", far("dst")}));
  EXPECT_TRUE(has("broken") && is_there(far("dst:v1")));
}

TEST_F(KeepGoing, ListsAllThatFailed) {
  near_.interceptor().replace(
      [](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.path.find("/blobs/") == std::string::npos) return std::nullopt;
        for (const unsigned seed : {1U, 2U, 3U})
          if (head.path.ends_with(oci::Digest::of(layer(seed)).str()))
            return testregistry::Response{.status = 404};
        return std::nullopt;
      });
  const auto failed = copy({"--to-repo", far("dst")});
  EXPECT_THAT(failed.err, HasSubstr("All has been copied but for 3 failures: "));
  for (const unsigned seed : {1U, 2U, 3U})
    EXPECT_THAT(failed.err, HasSubstr(oci::Digest::of(layer(seed)).str()));
}

}  // namespace
}  // namespace tote
