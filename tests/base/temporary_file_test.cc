#include "base/temporary_file.h"

#include "base/disk.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <sys/stat.h>

namespace tote {
namespace {

using test::read_text;
using test::TempDir;
using test::ThrowsError;
using test::write_text;
using Tree = std::map<std::string, std::string>;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

TEST(ReplaceFile, IsPrivateWhenNewAndKeepsTheModeOfAnOldOne) {
  const TempDir dir;
  replace_file(dir / "new", "1");
  EXPECT_EQ(mode_of(dir / "new"), 0600U);
  replace_file(dir / "shared", "1", 0644);
  EXPECT_EQ(mode_of(dir / "shared"), 0644U);
  write_text(dir / "old", "x");
  ::chmod((dir / "old").c_str(), 0640);
  replace_file(dir / "old", "2", 0644);
  EXPECT_EQ(mode_of(dir / "old"), 0640U);
  EXPECT_EQ(read_text(dir / "old"), "2");
}

TEST(ReplaceFile, ReplacesWhatALinkNames) {
  const TempDir dir;
  write_text(dir / "target", "old");
  std::filesystem::create_symlink("target", dir / "link");
  replace_file(dir / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link"));
  EXPECT_EQ(read_text(dir / "target"), "new");
}

TEST(ReplaceFile, WritesStraightToADevice) {
  EXPECT_NO_THROW(replace_file("/dev/null", "x"));
}

TEST(ReplaceFile, ReportsAFullDisk) {
  EXPECT_THAT([] { replace_file("/dev/full", std::string(100'000, 'x')); },
              ThrowsError(ErrorKind::kIo, "write /dev/full: no space left"));
}

TEST(ReplaceFile, SaysWhereItCanNotWrite) {
  const TempDir dir;
  EXPECT_THAT(
      [&] { replace_file(dir / "none" / "f", "x"); },
      ThrowsError(ErrorKind::kIo, "open " + (dir / "none" / "f").string() + ": no such file"));
}

// Whichever step the disk fails at, there is the old file or the new one and nothing else.
TEST(ReplaceFile, LeavesOldOrNewWhateverFails) {
  for (int failing = 1;; ++failing) {
    const TempDir dir;
    write_text(dir / "f", "old");
    std::atomic<int> step = 0;
    bool failed = false;
    {
      const DiskFaults faults(
          [&](DiskStep, std::string_view) { return ++step == failing ? EIO : 0; });
      try {
        replace_file(dir / "f", "new");
      } catch (const Error& error) {
        failed = true;
        EXPECT_EQ(error.kind(), ErrorKind::kIo);
      }
    }
    const Tree tree = test::read_tree(dir.path());
    if (!failed) {
      EXPECT_EQ(tree, (Tree{{"f", "new"}}));
      EXPECT_GE(failing, 6) << "create, write, sync, rename, and the directory";
      break;
    }
    EXPECT_TRUE(tree == (Tree{{"f", "old"}}) || tree == (Tree{{"f", "new"}})) << failing;
  }
}

TEST(TemporaryFile, GoesUnlessItGetsAName) {
  const TempDir dir;
  const std::string prefix = (dir / ".tmp-").string();
  { const TemporaryFile file(prefix, 0600, "f"); }
  EXPECT_EQ(test::read_tree(dir.path()), Tree{});
  {
    TemporaryFile file(prefix, 0640, "f");
    file.file()->write(as_bytes("text"));
    file.rename_to(dir / "f");
  }
  EXPECT_EQ(test::read_tree(dir.path()), (Tree{{"f", "text"}}));
  EXPECT_EQ(mode_of(dir / "f"), 0640U);
  std::string kept;
  {
    TemporaryFile file(prefix, 0600, "g");
    kept = file.release();
  }
  EXPECT_TRUE(std::filesystem::exists(kept));
  EXPECT_TRUE(kept.starts_with(prefix));
}

TEST(TemporaryFile, HasTheModeOfAnyNewFileUnlessItIsSet) {
  const TempDir dir;
  const std::string prefix = (dir / ".tmp-").string();
  const mode_t before = ::umask(077);
  TemporaryFile plain(prefix, 0644, "f");
  TemporaryFile set(prefix, 0644, "g");
  set.set_mode(0644);
  ::umask(before);
  plain.rename_to(dir / "f");
  set.rename_to(dir / "g");
  EXPECT_EQ(mode_of(dir / "f"), 0600U);
  EXPECT_EQ(mode_of(dir / "g"), 0644U);
}

TEST(DiskFaults, MakeOneStepFailByItsName) {
  const TempDir dir;
  write_text(dir / "f", "text");
  const DiskFaults faults([](DiskStep step, std::string_view name) {
    return step == DiskStep::kRead && name.ends_with("/f") ? EIO : 0;
  });
  EXPECT_THAT([&] { read_file(dir / "f", 10); },
              ThrowsError(ErrorKind::kIo, "read " + (dir / "f").string() + ": input/output error"));
}

}  // namespace
}  // namespace tote
