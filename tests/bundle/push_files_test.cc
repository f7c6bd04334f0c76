#include "bundle/push_files.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote::bundle {
namespace {

using test::TempDir;
using test::ThrowsError;
using test::write_text;

std::vector<std::string> names(const std::vector<PushFile>& files) {
  std::vector<std::string> out;
  for (const PushFile& file : files) out.push_back(file.name);
  return out;
}

TEST(CollectFiles, WalksInBytewiseOrderDirectoriesFirst) {
  const TempDir dir;
  for (const char* name : {"b", "a/2", "a/10", "a-b", "Z", ".git/x", "a/.git/y"})
    write_text(dir / name, "x");
  EXPECT_EQ(
      names(collect_files({dir.path().string()}, {".git"})),
      (std::vector<std::string>{".", "Z", "a", "a/.git", "a/.git/y", "a/10", "a/2", "a-b", "b"}));
}

TEST(CollectFiles, ExcludesWholeNamesOnly) {
  const TempDir dir;
  for (const char* name : {"x", "sub/x", "xy"}) write_text(dir / name, "x");
  EXPECT_EQ(names(collect_files({dir.path().string()}, {"x"})),
            (std::vector<std::string>{".", "sub", "sub/x", "xy"}));
  EXPECT_EQ(names(collect_files({dir.path().string()}, {"sub"})),
            (std::vector<std::string>{".", "x", "xy"}));
}

TEST(CollectFiles, DoesNotMindWhatIsInExcludedDirectories) {
  const TempDir dir;
  write_text(dir / "x", "x");
  std::filesystem::create_directory(dir / ".git");
  std::filesystem::create_symlink("nowhere", dir / ".git/link");
  EXPECT_EQ(names(collect_files({dir.path().string()}, {".git"})),
            (std::vector<std::string>{".", "x"}));
}

TEST(CollectFiles, NamesAFileByItsBase) {
  const TempDir dir;
  write_text(dir / "d/f", "x");
  std::filesystem::create_symlink("d/f", dir / "link");
  EXPECT_EQ(names(collect_files({(dir / "d/f").string(), (dir / "link").string()}, {})),
            (std::vector<std::string>{"f", "link"}));
}

TEST(CollectFiles, RefusesLinksPipesAndWhatIsNotThere) {
  const TempDir dir;
  EXPECT_THAT([&] { collect_files({(dir / "nope").string()}, {}); },
              ThrowsError(ErrorKind::kUsage, "nope: no such file or directory"));
  std::filesystem::create_symlink("x", dir / "link");
  EXPECT_THAT([&] { collect_files({dir.path().string()}, {}); },
              ThrowsError(ErrorKind::kUsage, "to be a regular file"));
  std::filesystem::remove(dir / "link");
  ::mkfifo((dir / "pipe").c_str(), 0600);
  EXPECT_THAT([&] { collect_files({dir.path().string()}, {}); },
              ThrowsError(ErrorKind::kUsage, "Expected file '"));
}

TEST(CollectFiles, RefusesTwoEntriesOfOneName) {
  const TempDir dir;
  write_text(dir / "a/config/x", "x");
  write_text(dir / "b/config/y", "x");
  EXPECT_THAT(
      [&] {
        collect_files({(dir / "a").string(), (dir / "b").string()}, {});
      },
      ThrowsError(ErrorKind::kUsage, "Found duplicate paths: "));
}

struct Layout {
  const char* name;
  std::vector<std::string> files;
  const char* complaint;  // "": a bundle
};
class BundleLayout : public testing::TestWithParam<Layout> {};

TEST_P(BundleLayout, IsJudgedAsImgpkgJudgesIt) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "d");
  for (const std::string& file : GetParam().files) write_text(dir / "d" / file, "x");
  const std::vector<std::string> arguments = {(dir / "d").string()};
  if (std::string_view(GetParam().complaint).empty()) {
    EXPECT_NO_THROW(check_is_bundle(arguments));
    EXPECT_THAT(
        [&] { check_is_no_bundle(arguments); },
        ThrowsError(ErrorKind::kUsage, "Images cannot be pushed with '.imgpkg' directories"));
  } else {
    EXPECT_THAT([&] { check_is_bundle(arguments); },
                ThrowsError(ErrorKind::kUsage, GetParam().complaint));
    EXPECT_NO_THROW(check_is_no_bundle(arguments));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BundleLayout,
    testing::Values(
        Layout{"Good", {".imgpkg/images.yml", "x"}, ""},
        Layout{"None", {"x"}, "This directory is not a bundle. It is missing .imgpkg/images.yml"},
        Layout{"Two",
               {".imgpkg/images.yml", "a/.imgpkg/images.yml"},
               "This directory contains multiple bundle definitions. Only a single instance of "
               ".imgpkg/images.yml can be provided"},
        Layout{"Nested",
               {"a/.imgpkg/images.yml"},
               "Expected '.imgpkg' directory, to be a direct child of one of: "},
        Layout{
            "NoLock",
            {".imgpkg/x"},
            "The bundle expected .imgpkg/images.yml to exist, but it wasn't found in the path "}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote::bundle
