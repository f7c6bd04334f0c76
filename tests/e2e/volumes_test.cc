// Archives in volumes: written straight from a registry, resumed, read with some of them lost.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>

namespace tote {
namespace {

using test::read_text;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;

class SplitArchive : public testing::Test {
 protected:
  SplitArchive() {
    std::vector<std::string> images;
    for (unsigned i = 0; i < 3; ++i) {
      const auto digest = test::put_image(source_.storage(), fmt::format("src/app{}", i),
                                          {test::random_bytes(300'000 - i, i)});
      images.push_back(fmt::format("{}/src/app{}@{}", source_.address(), i, digest.str()));
    }
    bundle_ =
        test::put_bundle(source_.storage(), "src/bundle", test::images_lock(images), "v1").str();
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::vector<std::string> copy_command(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"copy", "-b", source_.address() + "/src/bundle:v1", "--to-tar",
                               path("a.tar"), "--split", "100KB", "--parity", "2"});
    return more;
  }
  void expect_arrives(const std::string& from) {
    TestRegistry far;
    const auto result = tote({"copy", "--tar", from, "--to-repo", far.address() + "/far/app"});
    EXPECT_DONE(result);
    EXPECT_TRUE(far.storage().find_manifest("far/app", oci::Digest::parse(bundle_)));
  }

  TempDir dir_;
  TestRegistry source_;
  std::string bundle_;
};

TEST_F(SplitArchive, ArrivesThoughTwoOfItsVolumesAreLost) {
  EXPECT_DONE(tote(copy_command()));
  EXPECT_TRUE(std::filesystem::exists(path("a.tar.010")));
  EXPECT_FALSE(std::filesystem::exists(path("a.tar")));
  std::filesystem::remove(path("a.tar.002"));
  std::filesystem::resize_file(path("a.tar.004"), 10);
  TestRegistry far;
  const auto result =
      tote({"copy", "--tar", path("a.tar.p02"), "--to-repo", far.address() + "/far/app"});
  EXPECT_DONE(result);
  EXPECT_THAT(result.err, HasSubstr("a.tar.002' is not there; its bytes are rebuilt from parity"));
  EXPECT_THAT(result.err, HasSubstr("a.tar.004' has a damaged header"));
  EXPECT_TRUE(far.storage().find_manifest("far/app", oci::Digest::parse(bundle_)));
  EXPECT_DONE(tote({"describe", "--tar", path("a.tar.001")}));
  EXPECT_DONE(tote({"pull", "--tar", path("a.tar.001"), "-o", path("out")}));

  std::filesystem::remove(path("a.tar.006"));
  const auto refused = tote({"describe", "--tar", path("a.tar.001")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("more volumes are missing or damaged than the 2 that parity"));
  EXPECT_THAT(refused.err, HasSubstr("a.tar.006' is not there"));
}

// Whether the program was stopped early or late, the next run makes the same volumes, and none has
// its name before all are whole.
TEST_F(SplitArchive, IsResumedAfterKills) {
  EXPECT_DONE(tote(copy_command()));
  const auto whole = test::read_tree(dir_.path());
  for (const int blobs : {1, 2, 3, 4}) {
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path()))
      std::filesystem::remove(entry.path());
    std::atomic<int> seen = 0;
    std::atomic<pid_t> pid = 0;
    source_.interceptor().replace(
        [&](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (head.path.find("/blobs/") != std::string::npos && ++seen >= 2 + blobs)
            if (const pid_t child = pid.exchange(0); child > 0) ::kill(child, SIGKILL);
          return std::nullopt;
        });
    std::vector<std::string> command = copy_command({"--concurrency", "1"});
    command.insert(command.begin(), test::program_path());
    test::Child child(command, {});
    pid = child.pid();
    child.wait();
    source_.interceptor().replace(nullptr);
    for (const auto& [name, content] : test::read_tree(dir_.path()))
      EXPECT_TRUE(name.ends_with(".part") || content == whole.at(name)) << name;
    EXPECT_DONE(tote(copy_command({"--resume"})));
    EXPECT_TRUE(test::read_tree(dir_.path()) == whole) << blobs;
  }
}

TEST_F(SplitArchive, IsTheSameByWayOfAFile) {
  EXPECT_DONE(
      tote({"copy", "-b", source_.address() + "/src/bundle:v1", "--to-tar", path("one.tar")}));
  EXPECT_DONE(tote(copy_command()));
  EXPECT_DONE(tote({"join", path("a.tar.003"), "-o", path("joined.tar")}));
  EXPECT_TRUE(read_text(path("joined.tar")) == read_text(path("one.tar")));
  const auto split = tote({"split", path("one.tar"), "--size", "100KB", "--parity", "2"});
  EXPECT_DONE(split);
  EXPECT_EQ(split.out,
            fmt::format("Split '{0}' into 10 volumes and 2 with parity, '{0}.001' and so "
                        "on\n",
                        path("one.tar")));
  EXPECT_TRUE(read_text(path("one.tar.p02")) == read_text(path("a.tar.p02")));
  expect_arrives(path("one.tar.001"));
}

TEST_F(SplitArchive, SaysWhichVolumesAreRight) {
  EXPECT_DONE(tote(copy_command()));
  std::string damaged = read_text(path("a.tar.002"));
  damaged[50'000] ^= 1;
  test::write_text(path("a.tar.002"), damaged);
  const auto result = tote({"join", path("a.tar.001"), "--check"});
  EXPECT_DONE(result);
  EXPECT_THAT(result.out, HasSubstr("a.tar.001\tright\n"));
  EXPECT_THAT(result.out, HasSubstr("a.tar.002\tis damaged: the block at byte 512 has another"));
  EXPECT_THAT(result.out, HasSubstr("a.tar.p02\tright\n"));
}

TEST_F(SplitArchive, IsServedInPlace) {
  EXPECT_DONE(tote(copy_command()));
  std::filesystem::remove(path("a.tar.002"));
  const auto result = tote({"registry", "serve", "--preload", path("a.tar.001"), "--", "sh", "-c",
                            fmt::format("\"{}\" copy -b $TOTE_REGISTRY/src/bundle:v1 --to-tar {}",
                                        test::program_path(), path("again.tar"))});
  EXPECT_DONE(result);
  EXPECT_TRUE(std::filesystem::exists(path("again.tar")));
}

TEST_F(SplitArchive, IsRefusedInOneSentence) {
  struct Case {
    std::vector<std::string> arguments;
    const char* says;
  };
  test::write_text(path("notes"), "notes");
  for (const Case& wrong : std::vector<Case>{
           {{"copy", "-i", "a.io/b", "--to-repo", "c.io/d", "--split", "1MB"},
            "Flag --split can only be used when copying to tar"},
           {{"copy", "-i", "a.io/b", "--to-tar", path("b.tar"), "--parity", "1"},
            "Flag --parity can only be used with --split"},
           {{"split", path("notes")}, "size"},
           {{"split", path("notes"), "--size", "1KB"},
            "Expected volumes of at least 4096 bytes, got 1000"},
           {{"split", path("notes"), "--size", "much"}, "Expected --size as a size like"},
           {{"join", path("notes"), "-o", path("x")}, "it is no volume"},
           {{"join", path("none.001"), "-o", path("x")}, "there is no such volume"},
           {{"join", path("notes")}, "Expected either --output (-o) or --check"}}) {
    const auto result = tote(wrong.arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
}

}  // namespace
}  // namespace tote
