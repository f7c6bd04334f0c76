#include "archive/file_set.h"

#include "archive/open_archive.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote::archive {
namespace {

using test::make_tar;
using test::TempDir;
using test::write_text;

TEST(OpenTar, FollowsLinksInsideAndNoFurther) {
  const TempDir dir;
  write_text(dir / "a.tar", make_tar({{"./a/layer.tar", "content"},
                                      {"hard", "", '1', 0644, "a/layer.tar"},
                                      {"b/layer.tar", "", '2', 0777, "../a/layer.tar"},
                                      {"out", "", '2', 0777, "../../etc/passwd"},
                                      {"absolute", "", '2', 0777, "/etc/passwd"},
                                      {"loop", "", '2', 0777, "pool"},
                                      {"pool", "", '2', 0777, "loop"}}));
  const auto files = open_tar(open_archive(dir / "a.tar"));
  for (const char* name : {"a/layer.tar", "hard", "b/layer.tar"})
    EXPECT_EQ(files->read(name, 100), "content") << name;
  for (const char* name : {"out", "absolute", "loop", "none", ""})
    EXPECT_EQ(files->read(name, 100), std::nullopt) << name;
}

TEST(OpenTar, TakesTheFirstOfSeveralEntriesWithOneName) {
  const TempDir dir;
  write_text(dir / "a.tar", make_tar({{"a", "first"}, {"a", "second"}}));
  EXPECT_EQ(open_tar(open_archive(dir / "a.tar"))->read("a", 100), "first");
}

TEST(OpenTar, RefusesOnlyTheSparseFilesThatAreLookedUp) {
  const TempDir dir;
  const std::string records = "25 GNU.sparse.realsize=9\n22 GNU.sparse.map=0,2\n";
  write_text(dir / "a.tar", make_tar({{"pax", records, 'x'}, {"sparse", "ab"}, {"a", "content"}}));
  const auto files = open_tar(open_archive(dir / "a.tar"));
  EXPECT_EQ(files->read("a", 100), "content");
  EXPECT_THAT([&] { files->find("sparse"); },
              test::ThrowsError(ErrorKind::kParse, "'sparse' is a sparse file"));
}

TEST(OpenTar, TakesNoMoreEntriesThanThereMayBe) {
  const TempDir dir;
  write_text(dir / "a.tar", make_tar({{"a", "1"}, {"a", "2"}, {"b", "3"}}));
  const ReaderPtr tar = open_archive(dir / "a.tar");
  EXPECT_EQ(open_tar(tar, 3)->read("b", 100), "3");
  EXPECT_THAT([&] { open_tar(tar, 2); },
              test::ThrowsError(ErrorKind::kParse, "it has more than 2 entries"));
}

TEST(OpenDirectory, FindsRegularFilesBelow) {
  const TempDir dir;
  write_text(dir / "layout/blobs/a", "content");
  write_text(dir / "outside", "x");
  ASSERT_EQ(mkfifo((dir / "layout/pipe").c_str(), 0600), 0);
  const auto files = open_directory(dir / "layout");
  EXPECT_EQ(files->read("blobs/a", 100), "content");
  for (const char* name : {"../outside", "blobs", "pipe", "none", "blobs/a/b"})
    EXPECT_EQ(files->find(name), std::nullopt) << name;
  EXPECT_THAT([&] { files->read("blobs/a", 3); }, test::ThrowsError(ErrorKind::kParse, "blobs/a"));
}

}  // namespace
}  // namespace tote::archive
