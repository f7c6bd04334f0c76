#include "base/directory.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sys/stat.h>

namespace tote {
namespace {

using test::TempDir;
using test::ThrowsError;

TEST(ListDirectory, NamesEverythingWithItsType) {
  const TempDir dir;
  test::write_text(dir / "file", "x");
  test::write_text(dir / ".hidden", "x");
  std::filesystem::create_directory(dir / "sub");
  std::filesystem::create_symlink("file", dir / "link");
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  std::map<std::string, mode_t> found;
  for (const DirectoryEntry& entry : list_directory(dir.path().string()))
    found[entry.name] = entry.type;
  EXPECT_EQ(found, (std::map<std::string, mode_t>{{"file", S_IFREG},
                                                  {".hidden", S_IFREG},
                                                  {"sub", S_IFDIR},
                                                  {"link", S_IFLNK},
                                                  {"pipe", S_IFIFO}}));
}

TEST(ListDirectory, SaysWhichOneCanNotBeRead) {
  const TempDir dir;
  const std::string nothing = (dir / "nothing").string();
  EXPECT_THAT([&] { list_directory(nothing); },
              ThrowsError(ErrorKind::kIo, "open " + nothing + ": no such file or directory"));
}

TEST(PathInside, HasOneSlash) {
  EXPECT_EQ(path_inside("a", "b"), "a/b");
  EXPECT_EQ(path_inside("a/", "b"), "a/b");
  EXPECT_EQ(path_inside("/", "b"), "/b");
}

}  // namespace
}  // namespace tote
