// Compressed archives, as a user types it: written from a registry, resumed, read in place.
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
using testing::Not;
using Strings = std::vector<std::string>;

class CompressedArchive : public testing::Test {
 protected:
  CompressedArchive() {
    Strings images;
    for (unsigned i = 0; i < 3; ++i) {
      const std::string layer = test::random_bytes(3'000'000 - i, i) + std::string(2'000'000, 'z');
      const auto digest = test::put_image(source_.storage(), fmt::format("src/app{}", i), {layer});
      images.push_back(fmt::format("{}/src/app{}@{}", source_.address(), i, digest.str()));
    }
    bundle_ =
        test::put_bundle(source_.storage(), "src/bundle", test::images_lock(images), "v1").str();
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  Strings copy_command(const std::string& file, const Strings& more = {}) const {
    Strings words = {"copy", "-b", source_.address() + "/src/bundle:v1", "--to-tar", path(file)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void expect_arrives(const std::string& from) {
    TestRegistry far;
    const auto result = tote({"copy", "--tar", from, "--to-repo", far.address() + "/far/app"});
    EXPECT_DONE(result);
    EXPECT_THAT(result.err, Not(HasSubstr("unpacked")));
    EXPECT_TRUE(far.storage().find_manifest("far/app", oci::Digest::parse(bundle_)));
  }

  TempDir dir_;
  TestRegistry source_;
  std::string bundle_;
};

TEST_F(CompressedArchive, IsWhatItsNameSaysAndIsReadWhereItLies) {
  EXPECT_DONE(tote(copy_command("a.tar")));
  EXPECT_DONE(tote(copy_command("a.tar.zst")));
  EXPECT_DONE(tote(copy_command("b.tar", {"--tar-compress", "zstd"})));
  EXPECT_DONE(tote(copy_command("c.tar.zst", {"--tar-compress", "none"})));
  EXPECT_TRUE(read_text(path("b.tar")) == read_text(path("a.tar.zst")));
  EXPECT_TRUE(read_text(path("c.tar.zst")) == read_text(path("a.tar")));
  EXPECT_LT(std::filesystem::file_size(path("a.tar.zst")), 9'500'000U);
  EXPECT_DONE(test::run({"zstd", "-q", "-d", path("a.tar.zst"), "-o", path("d.tar")}));
  EXPECT_TRUE(read_text(path("d.tar")) == read_text(path("a.tar")));
  expect_arrives(path("a.tar.zst"));
  EXPECT_DONE(tote({"pull", "--tar", path("a.tar.zst"), "-o", path("out")}));
  EXPECT_DONE(tote({"verify", path("a.tar.zst"), "--deep"}));
  const auto served = tote({"registry", "serve", "--preload", path("a.tar.zst"), "--", "sh", "-c",
                            fmt::format("\"{}\" copy -b $TOTE_REGISTRY/src/bundle:v1 --to-tar {}",
                                        test::program_path(), path("again.tar"))});
  EXPECT_DONE(served);
  EXPECT_TRUE(std::filesystem::exists(path("again.tar")));
}

TEST_F(CompressedArchive, IsCutIntoVolumesAndReadFromThem) {
  EXPECT_DONE(tote(copy_command("a.tar.zst", {"--checksum"})));
  EXPECT_DONE(test::run({"sha256sum", "-c", "a.tar.zst.sha256"}, {.directory = dir_.path()}));
  const std::string whole = read_text(path("a.tar.zst"));
  EXPECT_DONE(tote({"split", path("a.tar.zst"), "--size", "2MB", "--parity", "1"}));
  std::filesystem::remove(path("a.tar.zst"));
  std::filesystem::remove(path("a.tar.zst.002"));
  expect_arrives(path("a.tar.zst.001"));
  EXPECT_DONE(tote({"join", path("a.tar.zst.001"), "-o", path("joined")}));
  EXPECT_TRUE(read_text(path("joined")) == whole);
}

TEST_F(CompressedArchive, IsResumedAfterKills) {
  EXPECT_DONE(tote(copy_command("whole.tar.zst")));
  const std::string whole = read_text(path("whole.tar.zst"));
  for (const int blobs : {2, 3, 4}) {
    std::filesystem::remove(path("a.tar.zst"));
    std::atomic<int> seen = 0;
    std::atomic<pid_t> pid = 0;
    source_.interceptor().replace(
        [&](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (head.path.find("/blobs/") != std::string::npos && ++seen >= 2 + blobs)
            if (const pid_t child = pid.exchange(0); child > 0) ::kill(child, SIGKILL);
          return std::nullopt;
        });
    Strings command = copy_command("a.tar.zst", {"--concurrency", "1"});
    command.insert(command.begin(), test::program_path());
    test::Child child(command, {});
    pid = child.pid();
    child.wait();
    source_.interceptor().replace(nullptr);
    EXPECT_FALSE(std::filesystem::exists(path("a.tar.zst")));
    source_.interceptor().forget_requests();
    EXPECT_DONE(tote(copy_command("a.tar.zst", {"--resume"})));
    EXPECT_TRUE(read_text(path("a.tar.zst")) == whole) << blobs;
    EXPECT_FALSE(std::filesystem::exists(path("a.tar.zst.part")) ||
                 std::filesystem::exists(path("a.tar.zst.part.tar")));
  }
}

TEST_F(CompressedArchive, GoesToStdout) {
  EXPECT_DONE(tote(copy_command("a.tar.zst")));
  const auto out =
      test::run({"sh", "-c",
                 fmt::format("\"{}\" copy -b {}/src/bundle:v1 --to-tar - --tar-compress zstd >{}",
                             test::program_path(), source_.address(), path("b"))});
  EXPECT_DONE(out);
  EXPECT_TRUE(read_text(path("b")) == read_text(path("a.tar.zst")));
}

TEST_F(CompressedArchive, IsABaseForWhatIsNew) {
  EXPECT_DONE(tote(copy_command("a.tar.zst")));
  EXPECT_DONE(tote(copy_command("new.tar.zst", {"--since", path("a.tar.zst")})));
  EXPECT_LT(std::filesystem::file_size(path("new.tar.zst")), 10'000U);
}

TEST_F(CompressedArchive, IsRefusedInOneSentence) {
  struct Case {
    Strings arguments;
    const char* says;
  };
  for (const Case& wrong :
       std::vector<Case>{{{"--to-tar", path("x.tar.zst"), "--split", "1MB"},
                          "Flag --split can not be used with a compressed archive"},
                         {{"--to-tar", path("x.tar"), "--tar-compress", "gzip"},
                          "--tar-compress can only have the following values [zstd, none]"},
                         {{"--to-repo", "c.io/d", "--tar-compress", "zstd"},
                          "Flag --tar-compress can only be used when copying to tar"}}) {
    Strings words = {"copy", "-i", "a.io/b"};
    words.insert(words.end(), wrong.arguments.begin(), wrong.arguments.end());
    const auto result = tote(words);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
}

// Under imgpkg's name a file is what it is there.
TEST_F(CompressedArchive, IsNoneUnderTheNameOfImgpkg) {
  std::filesystem::create_symlink(test::program_path(), path("imgpkg"));
  EXPECT_DONE(tote(copy_command("a.tar")));
  EXPECT_DONE(test::run({path("imgpkg"), "copy", "-b", source_.address() + "/src/bundle:v1",
                         "--to-tar", path("b.tar.zst")}));
  EXPECT_TRUE(read_text(path("b.tar.zst")) == read_text(path("a.tar")));
}

}  // namespace
}  // namespace tote
