#include "base/file.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote {
namespace {

using test::read_text;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

void write_atomically(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(as_bytes(text));
  file.finish();
}

TEST(AtomicFile, IsPrivateWhenNewAndKeepsTheModeOfAnOldOne) {
  const TempDir dir;
  write_atomically(dir / "new", "1");
  EXPECT_EQ(mode_of(dir / "new"), 0600U);
  write_text(dir / "old", "x");
  ::chmod((dir / "old").c_str(), 0644);
  write_atomically(dir / "old", "2");
  EXPECT_EQ(mode_of(dir / "old"), 0644U);
  EXPECT_EQ(read_text(dir / "old"), "2");
}

TEST(AtomicFile, LeavesTheOldFileAndNothingElseWhenAbandoned) {
  const TempDir dir;
  write_text(dir / "f", "old");
  {
    AtomicFile file(dir / "f");
    file.write(as_bytes("new"));
  }
  EXPECT_EQ(test::read_tree(dir.path()), (std::map<std::string, std::string>{{"f", "old"}}));
}

TEST(AtomicFile, ReplacesWhatALinkNames) {
  const TempDir dir;
  write_text(dir / "target", "old");
  std::filesystem::create_symlink("target", dir / "link");
  write_atomically(dir / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link"));
  EXPECT_EQ(read_text(dir / "target"), "new");
}

TEST(AtomicFile, WritesStraightToADevice) {
  EXPECT_NO_THROW(write_atomically("/dev/null", "x"));
}

TEST(AtomicFile, ReportsAFullDisk) {
  EXPECT_THAT([] { write_atomically("/dev/full", std::string(100'000, 'x')); },
              ThrowsError(ErrorKind::kIo, "no space left"));
}

TEST(FileSource, ReadsItsPartAndNoMore) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  auto file = std::make_shared<const UniqueFd>(open_for_reading(dir / "f"));
  FileSource part(file, 3, 4);
  EXPECT_EQ(read_all(part, 100, "f"), "3456");
}

TEST(FileSource, NoticesAFileThatBecameShorter) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  auto file = std::make_shared<const UniqueFd>(open_for_reading(dir / "f"));
  std::filesystem::resize_file(dir / "f", 5);
  FileSource part(file, 3, 4);
  EXPECT_THAT([&] { read_all(part, 100, "f"); }, ThrowsError(ErrorKind::kIo, "shorter"));
}

TEST(ReadFile, RefusesMoreThanTheLimit) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  EXPECT_EQ(read_file(dir / "f", 10), "0123456789");
  EXPECT_THAT([&] { read_file(dir / "f", 9); }, ThrowsError(ErrorKind::kParse, "larger than 9"));
  EXPECT_THAT([&] { read_file(dir / "none", 9); },
              ThrowsError(ErrorKind::kIo, "no such file or directory"));
}

}  // namespace
}  // namespace tote
