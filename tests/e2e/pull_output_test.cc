// Where a pull puts its files, what it takes the place of, and that the files are those pushed.
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
using test::write_text;
using Tree = std::map<std::string, std::string>;

class PullOutput : public testing::Test {
 protected:
  PullOutput() {
    test::put_image(registry_.storage(), "src/app", {test::make_tar({{"config/a", "1"}})}, "v1");
  }

  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  test::ProgramResult pull(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"pull", "-i", at("src/app:v1"), "-o", path("out")});
    return tote(more);
  }
  // In a mount namespace of its own, where `prepare` has mounted something.
  std::string pull_after(const std::string& prepare, const std::string& flags = {}) {
    const std::string script = fmt::format(
        "{} && \"$TOTE\" pull -q -i {} -o {} {} >/dev/null; echo $?; find {} -mindepth 1 | sort",
        prepare, at("src/app:v1"), path("out"), flags, path("out"));
    const auto result = test::run({"unshare", "-rm", "sh", "-c", script},
                                  {.environment = {{"TOTE", test::program_path()}}});
    return result.out + result.err;
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(PullOutput, APullTakesThePlaceOfAnEarlierOne) {
  for (int i = 0; i < 2; ++i) EXPECT_DONE(pull());
  EXPECT_EQ(test::read_tree(dir_.path()),
            (Tree{{"out/", ""}, {"out/config/", ""}, {"out/config/a", "1"}}));
}

TEST_F(PullOutput, WhatNoPullHasPutThereStaysUnlessToldOtherwise) {
  write_text(dir_ / "out/mine", "mine");
  const auto refused = pull();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("hint: --overwrite replaces"), std::string::npos) << refused.err;
  EXPECT_EQ(test::read_text(dir_ / "out/mine"), "mine");
  EXPECT_TRUE(registry_.interceptor().requests().empty()) << "refused before anything is asked";
  EXPECT_DONE(pull({"--overwrite"}));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/mine"));
  write_text(dir_ / "out/notes", "added later");
  EXPECT_EQ(pull().exit_code, 1);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/notes"));
}

TEST_F(PullOutput, AFileOrALinkIsNoOutput) {
  write_text(dir_ / "out", "mine");
  EXPECT_NE(pull({"--overwrite"}).err.find("is a file"), std::string::npos);
  EXPECT_EQ(test::read_text(dir_ / "out"), "mine");
  std::filesystem::remove(dir_ / "out");
  std::filesystem::create_directory(dir_ / "elsewhere");
  std::filesystem::create_symlink("elsewhere", dir_ / "out");
  EXPECT_NE(pull().err.find("is a symbolic link"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "out"));
}

TEST_F(PullOutput, APulledDirectoryPushesToTheSameDigest) {
  write_text(dir_ / "in/config/a.yml", "a");
  write_text(dir_ / "in/b", "b");
  const auto push = [&](const std::string& directory) {
    return tote({"push", "--tty", "-i", at("src/files:v1"), "-f", path(directory)}).out;
  };
  const std::string pushed = push("in");
  EXPECT_DONE(tote({"pull", "-i", at("src/files:v1"), "-o", path("out")}));
  EXPECT_NE(pushed.find("@sha256:"), std::string::npos);
  EXPECT_EQ(push("out"), pushed);
}

TEST_F(PullOutput, WorksIntoAMountPoint) {
  std::filesystem::create_directory(dir_ / "out");
  const std::string mount = fmt::format("mount -t tmpfs tmpfs {}", path("out"));
  const std::string pulled = fmt::format("0\n{0}/config\n{0}/config/a\n", path("out"));
  EXPECT_EQ(pull_after(mount), pulled);
  EXPECT_EQ(pull_after(mount + fmt::format(" && mkdir {}/lost+found", path("out"))),
            pulled + path("out") + "/lost+found\n");
  const std::string used =
      mount + fmt::format(" && echo mine >{0}/mine && mkdir {0}/old", path("out"));
  EXPECT_EQ(pull_after(used, "--overwrite"), pulled);
  EXPECT_NE(pull_after(used).find("1\n" + path("out") + "/mine\n"), std::string::npos);
  std::filesystem::create_directory(dir_ / "bound");
  EXPECT_EQ(pull_after(fmt::format("mount --bind {} {}", path("bound"), path("out"))), pulled);
}

// Part of a container's own file system: directories of its image can not be renamed.
TEST_F(PullOutput, WorksIntoAMountOfAnOverlay) {
  for (const char* name : {"out", "image/out/old/deep", "upper", "work", "all"})
    std::filesystem::create_directories(dir_ / name);
  write_text(dir_ / "image/out/old/deep/mine", "1");
  const std::string mount = fmt::format(
      "cd {} && mount -t overlay overlay -o userxattr,lowerdir=image,upperdir=upper,workdir=work "
      "all && mount --bind all/out out",
      dir_.path().string());
  const std::string before = pull_after(mount);
  if (before.find("mount: ") != std::string::npos) GTEST_SKIP() << before;
  const std::string old = fmt::format("{0}/old\n{0}/old/deep\n{0}/old/deep/mine\n", path("out"));
  EXPECT_THAT(before, testing::StartsWith("1\n" + old)) << "refused";
  EXPECT_EQ(pull_after(mount, "--overwrite"),
            fmt::format("0\n{0}/config\n{0}/config/a\n", path("out")));
}

// In whatever order a directory gives its names, some are moved before the one that can not be.
TEST_F(PullOutput, PutsBackWhatItHasMovedIfItCanNotMoveAll) {
  for (const char* name : {"out", "image/out/busy", "upper", "work", "all"})
    std::filesystem::create_directories(dir_ / name);
  std::string before = path("out") + "/busy\n";
  for (int i = 1; i < 10; ++i) {
    write_text(dir_ / fmt::format("image/out/old{}/deep/mine", i), "1");
    std::filesystem::permissions(dir_ / fmt::format("image/out/old{}/deep", i),
                                 std::filesystem::perms(0777));
    before += fmt::format("{0}/old{1}\n{0}/old{1}/deep\n{0}/old{1}/deep/mine\n", path("out"), i);
  }
  const std::string mount = fmt::format(
      "cd {} && mount -t overlay overlay -o userxattr,lowerdir=image,upperdir=upper,workdir=work "
      "all && mount --bind all/out out && mount -t tmpfs tmpfs out/busy",
      dir_.path().string());
  const std::string after = pull_after(mount, "--overwrite");
  if (after.find("mount: ") != std::string::npos) GTEST_SKIP() << after;
  EXPECT_THAT(after, testing::StartsWith("1\n" + before)) << "as it was";
  EXPECT_THAT(after, testing::HasSubstr("busy: device or resource busy"));
  const std::string modes = fmt::format("find {} -name deep ! -perm 777", path("all/out"));
  EXPECT_EQ(test::run({"unshare", "-rm", "sh", "-c",
                       "mount -t overlay overlay -o userxattr,lowerdir=image,upperdir=upper,"
                       "workdir=work all && " +
                           modes},
                      {.directory = dir_.path()})
                .out,
            "");
}

TEST_F(PullOutput, WorksWhereTheParentCanNotBeWritten) {
  std::filesystem::create_directory(dir_ / "out");
  const std::string read_only = fmt::format(
      "mkdir {0}/w && mount -t tmpfs tmpfs {0}/w && mkdir {0}/w/out && mount -t tmpfs tmpfs "
      "{0}/w/out && mount -o remount,ro {0}/w",
      dir_.path().string());
  const auto run = [&](const std::string& output) {
    const auto result =
        test::run({"unshare", "-rm", "sh", "-c",
                   fmt::format("{} && \"$TOTE\" pull -q -i {} -o {}/w/{} >/dev/null; echo $?",
                               read_only, at("src/app:v1"), dir_.path().string(), output)},
                  {.environment = {{"TOTE", test::program_path()}}});
    std::filesystem::remove(dir_ / "w");
    return result.out + result.err;
  };
  EXPECT_EQ(run("out"), "0\n");
  const std::string refused = run("new");
  EXPECT_NE(refused.find("hint: make it first, then it is filled in place"), std::string::npos)
      << refused;
}

TEST_F(PullOutput, FilesComeBackUnderTheNamesThatWerePushed) {
  for (const char* name :
       {"cafe\xcc\x81", "caf\xc3\xa9", "\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80", "\xe2\x84\xab",
        "\xc3\x85", "latin-1 caf\xe9", "\xff\xfe", "overlong \xc0\xaf", "line\nbreak",
        "\xf0\x9f\x98\x80", "\xe9/\xe8/\xe7"})
    write_text(dir_ / "in" / name, name);
  write_text(dir_ / "in" / std::string(250, 'n'), "long");
  EXPECT_DONE(tote({"push", "-i", at("src/names:v1"), "-f", path("in")}));
  EXPECT_DONE(tote({"pull", "-i", at("src/names:v1"), "-o", path("out")}));
  EXPECT_EQ(test::read_tree(dir_ / "out"), test::read_tree(dir_ / "in"));
}

TEST_F(PullOutput, BundlesNestedTooDeeplyLeaveNothing) {
  auto& storage = registry_.storage();
  std::string inner = test::put_bundle(storage, "src/b", test::images_lock({})).str();
  for (int i = 0; i < 40; ++i)
    inner =
        test::put_bundle(storage, "src/b", test::images_lock({at("src/b@" + inner)}), "v1").str();
  const auto result = tote({"pull", "-r", "-b", at("src/b:v1"), "-o", path("out")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("bundles are nested too deeply"), std::string::npos) << result.err;
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(PullOutput, AHostileLockTakesLittleMemory) {
  constexpr std::size_t kSize = (16U << 20U) - 1;
  for (const std::string piece : {",", "[", "- a\n", "[a,", "{a: "}) {
    std::string lock;
    while (lock.size() + piece.size() <= kSize) lock += piece;
    test::put_bundle(registry_.storage(), "src/b", lock, "v1");
    const auto result = tote({"pull", "-b", at("src/b:v1"), "-o", path("out")});
    EXPECT_EQ(result.exit_code, 1) << piece;
    EXPECT_LT(result.peak_memory, 512U << 20U) << piece;
  }
}

}  // namespace
}  // namespace tote
