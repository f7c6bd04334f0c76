// Archives that come from a pipe or go into one, and what is written beside them.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::read_text;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;

class StreamedArchive : public testing::Test {
 protected:
  StreamedArchive() {
    digest_ = test::put_image(source_.storage(), "src/app", {test::random_bytes(300'000, 1)}, "v1");
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string image() const { return source_.address() + "/src/app:v1"; }
  test::ProgramResult sh(const std::string& script) const {
    return test::run({"sh", "-c", script},
                     {.environment = {{"TOTE", test::program_path()}, {"TMPDIR", path("tmp")}}});
  }

  TempDir dir_;
  TestRegistry source_;
  oci::Digest digest_ = oci::Digest::of("");
};

TEST_F(StreamedArchive, ComesOutOfStdoutAndGoesIntoStdin) {
  std::filesystem::create_directory(path("tmp"));
  EXPECT_DONE(tote({"copy", "-i", image(), "--to-tar", path("file.tar")}));
  const auto out = sh(fmt::format("$TOTE copy --tty -i {} --to-tar - >{}", image(), path("a.tar")));
  EXPECT_DONE(out);
  EXPECT_TRUE(read_text(path("a.tar")) == read_text(path("file.tar")));
  EXPECT_THAT(out.err, HasSubstr("the archive is written to '" + path("tmp") + "' first"));
  TestRegistry far;
  const auto in = sh(fmt::format("gzip <{} | $TOTE copy --tar - --to-repo {}/far/app",
                                 path("a.tar"), far.address()));
  EXPECT_DONE(in);
  EXPECT_THAT(in.err, HasSubstr("standard input is written to '" + path("tmp") + "' first"));
  EXPECT_TRUE(far.storage().find_manifest("far/app", digest_));
  EXPECT_DONE(sh(fmt::format("$TOTE copy --tar - --to-layout {} <{}", path("out"), path("a.tar"))));
  EXPECT_TRUE(std::filesystem::is_empty(path("tmp"))) << "nothing is left there";
}

TEST_F(StreamedArchive, GoesThroughTheDirectoryOfTmpdir) {
  const auto out = tote({"copy", "-i", image(), "--to-tar", "-", "--tmpdir", path("none")});
  EXPECT_EQ(out.exit_code, 1);
  EXPECT_EQ(out.out, "");
  EXPECT_THAT(out.err,
              HasSubstr("make a directory in " + path("none") + ": no such file or directory"));
}

TEST_F(StreamedArchive, IsNotResumedSplitOrSummed) {
  for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
           {"--resume"}, {"--checksum"}, {"--json"}, {"--split", "1MB"}}) {
    std::vector<std::string> arguments{"copy", "-i", image(), "--to-tar", "-"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const auto result = tote(arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("Flag " + flags[0] + " can not be used with '--to-tar -'"));
  }
}

TEST_F(StreamedArchive, HasItsChecksumBesideIt) {
  EXPECT_DONE(tote({"copy", "-i", image(), "--to-tar", path("a.tar"), "--checksum"}));
  EXPECT_DONE(test::run({"sha256sum", "-c", "a.tar.sha256"}, {.directory = dir_.path()}));
  EXPECT_DONE(tote({"copy", "-i", image(), "--to-tar", path("v.tar"), "--checksum", "--split",
                    "100KB", "--parity", "1"}));
  const auto checked = test::run({"sha256sum", "-c", "v.tar.sha256"}, {.directory = dir_.path()});
  EXPECT_DONE(checked);
  EXPECT_THAT(checked.out, HasSubstr("v.tar.p01: OK"));
}

}  // namespace
}  // namespace tote
