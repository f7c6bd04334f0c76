#include "base/trusted_file.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace tote {
namespace {

namespace fs = std::filesystem;
using test::ThrowsError;
using test::write_text;

class TrustedFileTest : public testing::Test {
 protected:
  TrustedFileTest() {
    write_text(file_, "text");
    set_mode(file_, 0644);
    set_mode(file_.parent_path(), 0755);
    set_mode(file_.parent_path().parent_path(), 0755);
  }

  static void set_mode(const fs::path& path, mode_t mode) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }

  test::TempDir directory_;
  const fs::path file_ = directory_ / "outer" / "inner" / "file";
};

TEST_F(TrustedFileTest, ReadsWhatOnlyItsUserCanChange) {
  EXPECT_EQ(read_trusted_file(file_, 100), "text");
  EXPECT_THAT([&] { read_trusted_file(file_, 3); }, ThrowsError(ErrorKind::kParse, ""));
}

TEST_F(TrustedFileTest, KnowsWhatIsNotThere) {
  EXPECT_EQ(read_trusted_file(directory_ / "none" / "file", 100), std::nullopt);
  EXPECT_EQ(read_trusted_file(file_ / "below", 100), std::nullopt);
}

TEST_F(TrustedFileTest, RefusesWhatOthersCanChange) {
  struct Row {
    fs::path path;
    mode_t mode;
    bool is_fine;
  };
  const fs::path inner = file_.parent_path();
  const fs::path outer = inner.parent_path();
  for (const Row& row :
       {Row{file_, 0600, true}, Row{file_, 0644, true}, Row{file_, 0664, false},
        Row{file_, 0646, false}, Row{file_, 01666, false}, Row{inner, 0700, true},
        Row{inner, 0775, false}, Row{inner, 0757, false}, Row{inner, 01777, true},
        Row{outer, 0775, false}, Row{outer, 0777, false}, Row{outer, 01777, true}}) {
    SCOPED_TRACE(fmt::format("{} {:o}", row.path.string(), row.mode));
    struct stat before {};
    ASSERT_EQ(::stat(row.path.c_str(), &before), 0);
    set_mode(row.path, row.mode);
    if (row.is_fine)
      EXPECT_EQ(read_trusted_file(file_, 100), "text");
    else
      EXPECT_THAT([&] { read_trusted_file(file_, 100); },
                  ThrowsError(ErrorKind::kIo, fmt::format("others can change it: '{}' has mode",
                                                          row.path.string())));
    set_mode(row.path, before.st_mode & 07777U);
  }
}

TEST_F(TrustedFileTest, LooksAtWhereLinksAreAndWhereTheyLead) {
  fs::create_directory(directory_ / "links");
  const fs::path link = directory_ / "links" / "link";
  fs::create_symlink("../outer/inner/../inner", link);
  EXPECT_EQ(read_trusted_file(link / "file", 100), "text");
  set_mode(file_.parent_path(), 0777);
  EXPECT_THAT([&] { read_trusted_file(link / "file", 100); },
              ThrowsError(ErrorKind::kIo, "inner' has mode 0777"));
  set_mode(file_.parent_path(), 0755);
  set_mode(directory_ / "links", 0777);
  EXPECT_THAT([&] { read_trusted_file(link / "file", 100); },
              ThrowsError(ErrorKind::kIo, "links' has mode 0777"));
}

TEST_F(TrustedFileTest, RefusesWhatBelongsToSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  for (const fs::path& path : {file_, file_.parent_path()}) {
    ASSERT_EQ(::chown(path.c_str(), 4711, 4711), 0);
    EXPECT_THAT([&] { read_trusted_file(file_, 100); },
                ThrowsError(ErrorKind::kIo, "belongs to user 4711"));
    ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  }
}

TEST_F(TrustedFileTest, RefusesWhatIsNoFile) {
  EXPECT_THAT([&] { read_trusted_file(file_.parent_path(), 100); },
              ThrowsError(ErrorKind::kIo, "no regular file"));
  fs::create_symlink("loop", directory_ / "loop");
  EXPECT_THAT([&] { read_trusted_file(directory_ / "loop", 100); },
              ThrowsError(ErrorKind::kIo, ""));
}

TEST_F(TrustedFileTest, MakesDirectoriesForTheirOwnerAlone) {
  const mode_t before = ::umask(0);
  make_private_directories(directory_ / "a" / "b" / "c");
  ::umask(before);
  for (const char* name : {"a", "a/b", "a/b/c"}) {
    struct stat info {};
    ASSERT_EQ(::stat((directory_ / name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0700U) << name;
  }
  make_private_directories(directory_ / "a" / "b");
  EXPECT_THAT([&] { make_private_directories(file_ / "below"); }, ThrowsError(ErrorKind::kIo, ""));
}

}  // namespace
}  // namespace tote
