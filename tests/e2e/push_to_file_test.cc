// Bundles and images that are made without a registry to push them to: push --to-tar, --to-layout.
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
using testing::HasSubstr;
using Strings = std::vector<std::string>;

class PushToFile : public testing::Test {
 protected:
  void write_bundle(const Strings& images) const {
    std::filesystem::create_directories(path("files/.imgpkg"));
    test::write_text(path("files/.imgpkg/images.yml"), test::images_lock(images));
    test::write_text(path("files/config.yml"), "some: config\n");
  }
  std::string image(const std::string& name) {
    const auto digest = test::put_image(near_.storage(), name, {test::random_bytes(20'000, 7)});
    return fmt::format("{}/{}@{}", near_.address(), name, digest.str());
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  static test::ProgramResult push(const std::string& bundle, const Strings& more) {
    return run({"push", "-q", "-b", bundle}, more);
  }
  static test::ProgramResult copy(const Strings& more) { return run({"copy", "-q"}, more); }
  static test::ProgramResult run(Strings words, const Strings& more) {
    words.insert(words.end(), more.begin(), more.end());
    return tote(words);
  }
  std::string bundle() const { return near_.address() + "/src/bundle:v1"; }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
};

TEST_F(PushToFile, PacksLayersWithZstdForThoseWhoChoose) {
  write_bundle({});
  const std::string text(5'000'000, 'x');
  test::write_text(path("files/large.txt"), text);
  const Strings zstd = {"-f", path("files"), "--compression", "zstd"};
  EXPECT_DONE(push(bundle(), zstd));
  EXPECT_DONE(run({"pull", "-q", "-b", bundle(), "-o", path("out")}, {}));
  EXPECT_TRUE(test::read_text(path("out/large.txt")) == text);
  EXPECT_DONE(
      test::run({"skopeo", "inspect", "--config", "--tls-verify=false", "docker://" + bundle()}));
  EXPECT_DONE(test::run(
      {"skopeo", "copy", "--src-tls-verify=false", "docker://" + bundle(), "dir:" + path("dir")}));
  const std::string manifest = test::read_text(path("dir/manifest.json"));
  EXPECT_THAT(manifest, HasSubstr("application/vnd.oci.image.manifest.v1+json"));
  EXPECT_THAT(manifest, HasSubstr("application/vnd.oci.image.layer.v1.tar+zstd"));

  const auto refused = push(bundle(), {"-f", path("files"), "--compression", "lz4"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("[gzip, zstd]"));
}

TEST_F(PushToFile, MakesTheArchiveThatPushingAndCopyingWouldMake) {
  // One of them in the repository of the bundle's own name.
  write_bundle({image("src/one"), image("src/bundle")});
  near_.interceptor().forget_requests();
  const auto pushed = push(bundle(), {"-f", path("files"), "--to-tar", path("a.tar"),
                                      "--lock-output", path("lock.yml")});
  EXPECT_DONE(pushed);
  EXPECT_THAT(pushed.out, HasSubstr("Pushed '" + near_.address() + "/src/bundle@sha256:"));
  EXPECT_THAT(pushed.out, HasSubstr(" to '" + path("a.tar") + "'"));
  EXPECT_EQ(near_.interceptor().count("P"), 0U) << "nothing is sent";
  EXPECT_DONE(push(bundle(), {"-f", path("files"), "--lock-output", path("lock2.yml")}));
  EXPECT_DONE(copy({"-b", bundle(), "--to-tar", path("b.tar")}));
  EXPECT_TRUE(test::read_text(path("a.tar")) == test::read_text(path("b.tar")));
  EXPECT_EQ(test::read_text(path("lock.yml")), test::read_text(path("lock2.yml")));
}

TEST_F(PushToFile, AsksNobodyForABundleThatNamesNoImages) {
  write_bundle({});
  for (const std::string flag : {"--to-tar", "--to-layout"})
    EXPECT_DONE(push("nowhere.invalid/app/bundle:v1", {"-f", path("files"), flag, path(flag)}));
  for (const std::string from : {"--tar", "--layout"}) {
    EXPECT_DONE(copy({from, path("--to-" + from.substr(2)), "--to-repo", far_.address() + "/dst"}));
    EXPECT_EQ(tote({"verify", "-q", far_.address() + "/dst:v1", "--deep"}).exit_code, 0);
  }
}

TEST_F(PushToFile, MakesALayoutThatHasAllOfTheBundle) {
  write_bundle({image("src/one")});
  EXPECT_DONE(push(bundle(), {"-f", path("files"), "--to-layout", path("l")}));
  EXPECT_EQ(tote({"verify", "-q", path("l"), "--deep"}).exit_code, 0);
  EXPECT_DONE(copy({"--layout", path("l"), "--to-repo", far_.address() + "/dst"}));
  const auto pulled = tote({"pull", "-q", "-b", far_.address() + "/dst:v1", "-o", path("out")});
  EXPECT_DONE(pulled);
  EXPECT_THAT(test::read_text(path("out/.imgpkg/images.yml")), HasSubstr(far_.address() + "/dst@"));
}

TEST_F(PushToFile, LeavesNothingWhereAnImageIsMissing) {
  write_bundle({near_.address() + "/src/one@" + oci::Digest::of("nothing").str()});
  const auto failed = push(bundle(), {"-f", path("files"), "--to-tar", path("a.tar")});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("Checking image existence"));
  EXPECT_FALSE(std::filesystem::exists(path("a.tar")));
}

TEST_F(PushToFile, CompressesByTheNameAndLosesNothing) {
  write_bundle({});
  EXPECT_DONE(push("h.example/app/b:v1", {"-f", path("files"), "--to-tar", path("a.tar.zst")}));
  EXPECT_EQ(test::read_text(path("a.tar.zst")).substr(0, 4), "\x28\xb5\x2f\xfd");
  EXPECT_EQ(tote({"verify", "-q", path("a.tar.zst"), "--deep"}).exit_code, 0);
  const auto lock = push("h.example/app/b:v1", {"-f", path("files"), "--to-tar", path("a.tar"),
                                                "--lock-output", path("a.tar")});
  EXPECT_THAT(lock.err, HasSubstr("Expected --lock-output to be outside of '"));
  const auto empty = push(bundle(), {"-f", path("files"), "--to-tar", ""});
  EXPECT_THAT(empty.err, HasSubstr("--to-tar: expected a file, got ''"));
  EXPECT_EQ(near_.interceptor().count("P"), 0U);
}

TEST_F(PushToFile, WritesAnImageToo) {
  test::write_text(path("file"), "content");
  EXPECT_DONE(tote({"push", "-q", "-i", "h.example/some/app:v1", "-f", path("file"), "--to-tar",
                    path("i.tar")}));
  EXPECT_DONE(copy({"--tar", path("i.tar"), "--to-repo", far_.address() + "/dst"}));
  EXPECT_DONE(tote({"pull", "-q", "-i", far_.address() + "/dst:v1", "-o", path("out")}));
  EXPECT_EQ(test::read_text(path("out/file")), "content");
  const auto both = tote({"push", "-i", "h.example/some/app:v1", "-f", path("file"), "--to-tar",
                          path("i.tar"), "--to-layout", path("l")});
  EXPECT_EQ(both.exit_code, 1);
}

}  // namespace
}  // namespace tote
