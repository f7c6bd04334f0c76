#include "bundle/working_copy/directory_update.h"

#include "base/error.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;
using Kind = TreeChange::Kind;

ino_t inode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0);
  return info.st_ino;
}

class DirectoryUpdateTest : public testing::Test {
 protected:
  DirectoryUpdateTest() {
    test::write_text(work_ / "same", "same\n");
    test::write_text(work_ / "d/old", "old\n");
    test::write_text(work_ / "f", "before\n");
  }
  static TreeChanges changes(const DirectoryUpdate& update) {
    test::write_text(update.sources() / "f", "after\n");
    test::write_text(update.sources() / "g", "new\n");
    return {{Kind::kRemove, "d/old"},
            {Kind::kRemoveDirectory, "d"},
            {Kind::kPut, "f", "f"},
            {Kind::kPut, "e/g", "g"}};
  }
  Files files() const { return test::read_tree(work_); }

  const Files before_ = {{"d/", ""}, {"d/old", "old\n"}, {"f", "before\n"}, {"same", "same\n"}};
  const Files after_ = {{"e/", ""}, {"e/g", "new\n"}, {"f", "after\n"}, {"same", "same\n"}};
  test::TempDir dir_;
  const fs::path work_ = dir_ / "work";
};

TEST_F(DirectoryUpdateTest, ExchangesTheDirectoryAndKeepsFilesThatStay) {
  const ino_t directory = inode_of(work_);
  const ino_t same = inode_of(work_ / "same");
  {
    DirectoryUpdate update(work_);
    update.commit(changes(update), identities_of(work_));
  }
  EXPECT_EQ(files(), after_);
  EXPECT_NE(inode_of(work_), directory);
  EXPECT_EQ(inode_of(work_ / "same"), same);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator()), 1);
}

TEST_F(DirectoryUpdateTest, IsDoneInPlaceWhereWeWorkInIt) {
  const fs::path back = fs::current_path();
  const ino_t directory = inode_of(work_);
  fs::current_path(work_ / "d/..");
  {
    DirectoryUpdate update(work_);
    update.commit(changes(update), identities_of(work_));
  }
  fs::current_path(back);
  Files expected = after_;
  expected[".imgpkg/"] = "";
  EXPECT_EQ(files(), expected);
  EXPECT_EQ(inode_of(work_), directory);
}

TEST_F(DirectoryUpdateTest, LeavesADirectoryAsItIsThatSomebodyHasChangedMeanwhile) {
  DirectoryUpdate update(work_);
  const TreeChanges planned = changes(update);
  const Identities seen = identities_of(work_);
  test::write_text(work_ / "mine", "mine\n");
  EXPECT_THROW(update.commit(planned, seen), Error);
  Files expected = before_;
  expected["mine"] = "mine\n";
  EXPECT_EQ(files(), expected);
}

TEST_F(DirectoryUpdateTest, LeavesADirectoryAsItIsWhereAStepFails) {
  DirectoryUpdate update(work_);
  TreeChanges planned = changes(update);
  planned.push_back({Kind::kPut, "same/below", "f"});  // 'same' is a file
  EXPECT_THROW(update.commit(planned, identities_of(work_)), Error);
  EXPECT_EQ(files(), before_);
}

TEST_F(DirectoryUpdateTest, KeepsPermissionsOfDirectoriesAndReadOnlyOnesCanBeChanged) {
  fs::permissions(work_ / "d", fs::perms(0555));
  test::write_text(work_ / "ro/x", "x\n");
  fs::permissions(work_ / "ro", fs::perms(0511));
  {
    DirectoryUpdate update(work_);
    update.commit(changes(update), identities_of(work_));
  }
  EXPECT_FALSE(fs::exists(work_ / "d"));
  EXPECT_EQ(fs::status(work_ / "ro").permissions(), fs::perms(0511));
}

// As after kill -9: the steps are written down, and some of them done.
TEST_F(DirectoryUpdateTest, DoesTheRestOfWhatWasBrokenOffWhereverThatWas) {
  for (int done = 0; done <= 4; ++done) {
    const test::TempDir dir;
    const fs::path work = dir / "work";
    fs::create_directory(work);
    fs::copy(work_, work, fs::copy_options::recursive);
    const fs::path rest = work / ".imgpkg/unfinished-update";
    test::write_text(rest / "new/f", "after\n");
    test::write_text(rest / "new/g", "new\n");
    const TreeChanges all = {{Kind::kRemove, "d/old"},
                             {Kind::kRemoveDirectory, "d"},
                             {Kind::kPut, "f", "f"},
                             {Kind::kPut, "e/g", "g"}};
    test::write_text(rest / "steps.json", encode(all));
    apply(TreeChanges(all.begin(), all.begin() + done), rest / "new", work, Sources::kMoved);
    EXPECT_TRUE(finish_update(work));
    EXPECT_FALSE(finish_update(work));
    Files expected = after_;
    expected[".imgpkg/"] = "";
    EXPECT_EQ(test::read_tree(work), expected) << done;
  }
}

TEST_F(DirectoryUpdateTest, ForgetsWhatWasBrokenOffBeforeItsStepsWereWrittenDown) {
  test::write_text(work_ / ".imgpkg/unfinished-update/new/f", "after\n");
  EXPECT_FALSE(finish_update(work_));
  Files expected = before_;
  expected[".imgpkg/"] = "";
  EXPECT_EQ(files(), expected);
}

TEST_F(DirectoryUpdateTest, IsForOneAtATime) {
  const DirectoryLock lock(work_);
  EXPECT_THROW(DirectoryLock again(work_), Error);
}

TEST(Steps, AreReadAsTheyWereWritten) {
  const TreeChanges changes = {
      {Kind::kRemove, "a\"b/c"}, {Kind::kMakeDirectory, "d"}, {Kind::kPut, "größe", "0/new/größe"}};
  EXPECT_EQ(parse_changes(encode(changes), "steps"), changes);
}

class BadSteps : public testing::TestWithParam<const char*> {};

TEST_P(BadSteps, AreRefused) {
  EXPECT_THROW(parse_changes(GetParam(), "steps"), Error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadSteps,
    testing::Values("", "{}", R"({"version":2,"steps":[]})",
                    R"({"version":1,"steps":[{"do":"burn","path":"a"}]})",
                    R"({"version":1,"steps":[{"do":"remove","path":"../a"}]})",
                    R"({"version":1,"steps":[{"do":"remove","path":"/a"}]})",
                    R"({"version":1,"steps":[{"do":"remove","path":""}]})",
                    R"({"version":1,"steps":[{"do":"remove","path":"a/./b"}]})",
                    R"({"version":1,"steps":[{"do":"put","path":"a","source":"../b"}]})",
                    R"({"version":1,"steps":[{"do":"put","path":"a"}]})"));

TEST(StepsThroughALink, GoNowhere) {
  const test::TempDir dir;
  test::write_text(dir / "outside/f", "mine\n");
  test::write_text(dir / "s/f", "evil\n");
  fs::create_directory(dir / "work");
  fs::create_directory_symlink(dir / "outside", dir / "work/link");
  apply({{Kind::kRemove, "link/f"}}, dir / "s", dir / "work", Sources::kMoved);
  EXPECT_THROW(apply({{Kind::kPut, "link/f", "f"}}, dir / "s", dir / "work", Sources::kMoved),
               Error);
  EXPECT_EQ(test::read_text(dir / "outside/f"), "mine\n");
}

}  // namespace
}  // namespace tote::bundle::working_copy
