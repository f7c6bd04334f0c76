#include "bundle/output_directory.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <functional>

namespace tote::bundle {
namespace {

using test::TempDir;
using test::ThrowsError;
using test::write_text;
using Tree = std::map<std::string, std::string>;

TEST(ResolveOutput, ProtectsWhatWouldBeADisaster) {
  const TempDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directories(dir / "a/b");
  std::filesystem::create_directory_symlink(dir.path(), dir / "a/link");
  std::filesystem::current_path(dir / "a/b");
  for (const char* path :
       {"/", ".", "..", "./", "../", "../..", "../../a", "../link", "../link/.", "x/..", "//"})
    EXPECT_THAT([&] { resolve_output(path); },
                ThrowsError(ErrorKind::kUsage, "Disallowed output directory"))
        << path;
  EXPECT_NO_THROW(resolve_output("out"));
  EXPECT_NO_THROW(resolve_output("../c"));
  for (const auto& home : {dir / "home", dir / "home/me", dir / "home/me/.."})
    EXPECT_THAT([&] { resolve_output(dir / "home", home); },
                ThrowsError(ErrorKind::kUsage, "Disallowed output directory"))
        << home;
  EXPECT_NO_THROW(resolve_output(dir / "home/me/out", dir / "home/me"));
  std::filesystem::current_path(before);
}

TEST(ResolveOutput, FollowsLinksAboveBeforeItGoesUp) {
  const TempDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directories(dir / "work");
  std::filesystem::create_directories(dir / "far/deep");
  std::filesystem::create_directory_symlink(dir / "far/deep", dir / "work/link");
  std::filesystem::current_path(dir / "work");
  const auto real = std::filesystem::canonical(dir.path());
  EXPECT_EQ(resolve_output("link/.."), real / "far") << "not the working directory";
  EXPECT_EQ(resolve_output("link/../x"), real / "far/x");
  std::filesystem::current_path(before);
}

TEST(OutputDirectory, TakesBackTheParentsItMade) {
  const TempDir dir;
  {
    const OutputDirectory out(resolve_output(dir / "a/b/out"), Replaces::kAnything);
    EXPECT_TRUE(std::filesystem::exists(dir / "a/b"));
  }
  EXPECT_TRUE(test::read_tree(dir.path()).empty());
}

TEST(OutputDirectory, ReplacesTheOldOneAsAWhole) {
  const TempDir dir;
  write_text(dir / "out/old", "1");
  OutputDirectory out(resolve_output(dir / "out/"), Replaces::kAnything);
  write_text(out.path() / "new", "2");
  EXPECT_TRUE(std::filesystem::exists(dir / "out/old"));
  out.commit();
  EXPECT_EQ(test::read_tree(dir / "out"), (Tree{{"new", "2"}}));
}

TEST(OutputDirectory, LeavesEverythingAsItWasWithoutCommit) {
  const TempDir dir;
  write_text(dir / "out/old", "1");
  {
    const OutputDirectory out(resolve_output(dir / "out"), Replaces::kAnything);
    write_text(out.path() / "new", "2");
  }
  EXPECT_EQ(test::read_tree(dir.path()), (Tree{{"out/", ""}, {"out/old", "1"}}));
}

TEST(OutputDirectory, RemovesTheOldOneWhenItGoes) {
  const TempDir dir;
  write_text(dir / "out/old", "1");
  {
    OutputDirectory out(resolve_output(dir / "out"), Replaces::kAnything);
    out.commit();
  }
  EXPECT_EQ(test::read_tree(dir.path()), (Tree{{"out/", ""}}));
}

TEST(OutputDirectory, KeepsWhatHasComeThereMeanwhile) {
  const TempDir dir;
  for (const char* mine : {"out", "out/mine"}) {
    {
      OutputDirectory out(resolve_output(dir / "out"), Replaces::kOwn);
      write_text(out.path() / "pulled", "1");
      write_text(dir / mine, "mine");
      EXPECT_THAT([&] { out.commit(); }, ThrowsError(ErrorKind::kUsage, "output '")) << mine;
    }
    EXPECT_EQ(test::read_text(dir / mine), "mine");
    EXPECT_EQ(test::read_tree(dir.path()).size(), mine == std::string("out") ? 1U : 2U);
    std::filesystem::remove_all(dir / "out");
  }
}

TEST(OutputDirectory, TakesThePlaceOfAFileAndOfALink) {
  const TempDir dir;
  write_text(dir / "file", "1");
  write_text(dir / "target/f", "1");
  std::filesystem::create_directory_symlink("target", dir / "link");
  for (const char* name : {"file", "link", "new/deep"}) {
    OutputDirectory out(resolve_output(dir / name), Replaces::kAnything);
    write_text(out.path() / "x", name);
    out.commit();
  }
  EXPECT_EQ(test::read_tree(dir.path()), (Tree{{"file/", ""},
                                               {"file/x", "file"},
                                               {"link/", ""},
                                               {"link/x", "link"},
                                               {"new/", ""},
                                               {"new/deep/", ""},
                                               {"new/deep/x", "new/deep"},
                                               {"target/", ""},
                                               {"target/f", "1"}}));
}

// ---- what may be replaced -----------------------------------------------------------------------

class CheckOutput : public testing::Test {
 protected:
  void pull() {
    OutputDirectory out(resolve_output(dir_ / "out"), Replaces::kAnything);
    write_text(out.path() / "config/app.yml", "pulled");
    write_text(out.path() / ".imgpkg/images.yml", "lock");
    out.commit();
  }
  void expect_refused(Replaces replaces, const std::string& complaint) const {
    EXPECT_THAT([&] { check_output(resolve_output(dir_ / "out"), replaces); },
                ThrowsError(ErrorKind::kUsage, complaint));
  }
  void expect_taken(Replaces replaces) const {
    EXPECT_NO_THROW(check_output(resolve_output(dir_ / "out"), replaces));
  }

  TempDir dir_;
};

TEST_F(CheckOutput, TakesWhatIsNotThereIsEmptyOrWasPulled) {
  expect_taken(Replaces::kOwn);
  std::filesystem::create_directory(dir_ / "out");
  expect_taken(Replaces::kOwn);
  pull();
  expect_taken(Replaces::kOwn);
  pull();
  expect_taken(Replaces::kOwn);
  EXPECT_EQ(test::read_tree(dir_.path()).size(), 5U) << "the mark is no file";
}

TEST_F(CheckOutput, RefusesADirectoryThatHoldsAnythingElse) {
  write_text(dir_ / "out/mine", "1");
  expect_refused(Replaces::kOwn, "is not as a pull has left it");
  expect_taken(Replaces::kDirectory);
  expect_taken(Replaces::kAnything);
}

TEST_F(CheckOutput, NoticesEveryChangeToWhatWasPulled) {
  const std::map<std::string, std::function<void()>> changes = {
      {"a new file", [&] { write_text(dir_ / "out/new", ""); }},
      {"a new file further in", [&] { write_text(dir_ / "out/config/new", ""); }},
      {"a new directory", [&] { std::filesystem::create_directory(dir_ / "out/new"); }},
      {"a new link", [&] { std::filesystem::create_symlink("config", dir_ / "out/new"); }},
      {"other content", [&] { write_text(dir_ / "out/config/app.yml", "PULLED"); }},
      {"more content", [&] { write_text(dir_ / "out/config/app.yml", "pulled and more"); }},
      {"another name",
       [&] { std::filesystem::rename(dir_ / "out/config/app.yml", dir_ / "out/config/app"); }}};
  for (const auto& [what, change] : changes) {
    std::filesystem::remove_all(dir_ / "out");
    pull();
    change();
    SCOPED_TRACE(what);
    expect_refused(Replaces::kOwn, "is not as a pull has left it");
  }
}

TEST_F(CheckOutput, RefusesFilesAndLinksExceptInImgpkgsWay) {
  write_text(dir_ / "out", "1");
  for (const Replaces replaces : {Replaces::kOwn, Replaces::kDirectory})
    expect_refused(replaces, "is a file");
  expect_taken(Replaces::kAnything);
  for (const char* target : {"elsewhere", "nowhere"}) {
    std::filesystem::remove(dir_ / "out");
    std::filesystem::create_directories(dir_ / "elsewhere");
    std::filesystem::create_symlink(target, dir_ / "out");
    for (const Replaces replaces : {Replaces::kOwn, Replaces::kDirectory})
      expect_refused(replaces, "is a symbolic link");
    expect_taken(Replaces::kAnything);
  }
}

}  // namespace
}  // namespace tote::bundle
