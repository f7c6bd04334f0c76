#include "bundle/working_copy/merge_trees.h"

#include "base/error.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

struct PresenceRow {
  Presence presence;
  bool is_changed_here;
  Verdict verdict;
};
class PresenceTable : public testing::TestWithParam<PresenceRow> {};

TEST_P(PresenceTable, SaysWhatBecomesOfAFile) {
  EXPECT_EQ(verdict_of(GetParam().presence, GetParam().is_changed_here), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PresenceTable,
    testing::Values(PresenceRow{{false, false, false}, false, Verdict::kLeave},
                    PresenceRow{{false, false, true}, false, Verdict::kAdd},
                    PresenceRow{{false, true, false}, false, Verdict::kLeave},
                    PresenceRow{{false, true, true}, false, Verdict::kBothNew},
                    PresenceRow{{true, false, false}, false, Verdict::kStaysRemoved},
                    PresenceRow{{true, false, true}, false, Verdict::kStaysRemoved},
                    PresenceRow{{true, true, false}, false, Verdict::kRemove},
                    PresenceRow{{true, true, false}, true, Verdict::kKeep},
                    PresenceRow{{true, true, true}, true, Verdict::kCompare}));

class MergeTreesTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    test::write_text(dir_ / name, text);
  }
  void in_all(const std::string& name, const std::string& text) {
    for (const char* tree : {"old/", "here/", "s/new/"}) write(tree + name, text);
  }
  MergedTree merge() {
    for (const char* tree : {"old", "here", "s/new"}) fs::create_directories(dir_ / tree);
    const Tree old_tree = scan_tree(dir_ / "old");
    const Tree here = scan_tree(dir_ / "here");
    const Tree new_tree = scan_tree(dir_ / "s/new");
    return merge_trees({old_tree, here, new_tree, dir_ / "s", {"local", "upstream v2"}});
  }
  // What is here then.
  std::map<std::string, std::string> merged() {
    const MergedTree tree = merge();
    EXPECT_TRUE(tree.obstacles.empty()) << tree.obstacles.front().path;
    apply(tree.changes, dir_ / "s", dir_ / "here", Sources::kMoved);
    return test::read_tree(dir_ / "here");
  }
  std::uint32_t mode_here(const std::string& name) {
    return static_cast<std::uint32_t>(fs::status(dir_ / ("here/" + name)).permissions());
  }

  test::TempDir dir_;
};

using Files = std::map<std::string, std::string>;

TEST_F(MergeTreesTest, FollowsThePresenceOfFiles) {
  in_all("same", "same\n");
  write("s/new/added", "a\n");
  write("here/mine", "m\n");
  write("here/both", "b\n");
  write("s/new/both", "b\n");
  write("old/gone", "g\n");
  write("old/removed-here", "r\n");
  write("s/new/removed-here", "other\n");
  write("old/removed", "r\n");
  write("here/removed", "r\n");
  write("old/kept", "k\n");
  write("here/kept", "K\n");
  EXPECT_EQ(merged(), (Files{{"same", "same\n"},
                             {"added", "a\n"},
                             {"mine", "m\n"},
                             {"both", "b\n"},
                             {"kept", "K\n"}}));
}

TEST_F(MergeTreesTest, TellsWhatBecameOfEachFile) {
  in_all("merged", "a\nb\nc\n");
  write("here/merged", "A\nb\nc\n");
  write("s/new/merged", "a\nb\nC\n");
  in_all("conflict", "a\n");
  write("here/conflict", "b\n");
  write("s/new/conflict", "c\n");
  in_all("updated", "a\n");
  write("s/new/updated", "b\n");
  std::vector<std::string> told;
  const MergedTree tree = merge();
  for (const FileOutcome& file : tree.outcomes)
    told.push_back(std::string(name_of(file.outcome)) + " " + file.path);
  EXPECT_THAT(told, ElementsAre("conflict conflict", "merged merged", "updated updated"));
  EXPECT_EQ(tree.conflicts(), 1U);
}

TEST_F(MergeTreesTest, MarksConflictsInTexts) {
  in_all("f", "a\n");
  write("here/f", "b\n");
  write("s/new/f", "c\n");
  EXPECT_EQ(merged().at("f"), "<<<<<<< local\nb\n=======\nc\n>>>>>>> upstream v2\n");
}

TEST_F(MergeTreesTest, PutsWhatIsNoTextBesideTheLocalOne) {
  const std::string zero(1, '\0');
  in_all("b", zero + "a");
  write("here/b", zero + "b");
  write("here/b.upstream", "mine\n");
  write("s/new/b", zero + "c");
  EXPECT_EQ(merged(),
            (Files{{"b", zero + "b"}, {"b.upstream", "mine\n"}, {"b.upstream.new", zero + "c"}}));
}

TEST_F(MergeTreesTest, TakesOneSidesChangesOfWhatIsNoText) {
  const std::string zero(1, '\0');
  in_all("theirs", zero + "a");
  write("s/new/theirs", zero + "b");
  in_all("ours", zero + "a");
  write("here/ours", zero + "b");
  EXPECT_EQ(merged(), (Files{{"theirs", zero + "b"}, {"ours", zero + "b"}}));
}

TEST_F(MergeTreesTest, SaysWhatIsNewOnBothSidesAndNotTheSame) {
  write("here/f", "a\n");
  write("s/new/f", "b\n");
  const MergedTree tree = merge();
  ASSERT_EQ(tree.obstacles.size(), 1U);
  EXPECT_EQ(tree.obstacles[0].path, "f");
  EXPECT_TRUE(tree.changes.empty());
}

TEST_F(MergeTreesTest, TakesEachBitOfTheOwnersPermissionsByItself) {
  for (const char* name : {"run", "both", "text"}) in_all(name, "a\nb\nc\n");
  fs::permissions(dir_ / "s/new/run", fs::perms(0755));
  fs::permissions(dir_ / "here/run", fs::perms(0640));
  fs::permissions(dir_ / "s/new/both", fs::perms(0755));
  fs::permissions(dir_ / "here/both", fs::perms(0444));
  fs::permissions(dir_ / "s/new/text", fs::perms(0755));
  write("s/new/text", "a\nb\nC\n");
  write("here/text", "A\nb\nc\n");
  const auto files = merged();
  EXPECT_EQ(files.at("text"), "A\nb\nC\n");
  EXPECT_EQ(mode_here("run") & 0700U, 0700U);
  EXPECT_EQ(mode_here("both") & 0700U, 0500U);
  EXPECT_EQ(mode_here("text"), 0755U);
}

TEST_F(MergeTreesTest, LetsFilesBecomeDirectoriesAndTheReverse) {
  write("old/a", "a\n");
  write("here/a", "a\n");
  write("s/new/a/b", "b\n");
  write("old/c/d", "d\n");
  write("here/c/d", "d\n");
  write("s/new/c", "c\n");
  EXPECT_EQ(merged(), (Files{{"a/", ""}, {"a/b", "b\n"}, {"c", "c\n"}}));
}

TEST_F(MergeTreesTest, LosesNothingThatIsInTheWay) {
  write("old/c/d", "d\n");
  write("here/c/d", "d\n");
  write("here/c/mine", "m\n");
  write("s/new/c", "c\n");
  write("here/f", "mine\n");
  write("s/new/f/g", "g\n");
  fs::create_directory_symlink("/tmp", dir_ / "here/link");
  write("s/new/link/x", "x\n");
  write("here/repo/.git/HEAD", "h\n");
  write("s/new/repo", "r\n");
  std::vector<std::string> in_the_way;
  for (const Obstacle& obstacle : merge().obstacles) in_the_way.push_back(obstacle.path);
  EXPECT_THAT(in_the_way, testing::UnorderedElementsAre("c", "f", "link", "repo"));
}

TEST_F(MergeTreesTest, RemovesDirectoriesThatAreEmptyThen) {
  write("old/gone/x", "x\n");
  write("here/gone/x", "x\n");
  write("old/stays/x", "x\n");
  write("here/stays/x", "x\n");
  write("here/stays/mine", "m\n");
  fs::create_directories(dir_ / "s/new/empty");
  EXPECT_EQ(merged(), (Files{{"stays/", ""}, {"stays/mine", "m\n"}, {"empty/", ""}}));
}

TEST_F(MergeTreesTest, KnowsNamesThatDifferInCaseOrAreNotAscii) {
  in_all("name", "a\n");
  write("s/new/NAME", "B\n");
  in_all("größe", "a\n");
  write("s/new/größe", "b\n");
  EXPECT_EQ(merged(), (Files{{"name", "a\n"}, {"NAME", "B\n"}, {"größe", "b\n"}}));
}

TEST_F(MergeTreesTest, TakesNothingOfGitOrOfWorkingCopies) {
  write("s/new/.git/hooks/post-checkout", "evil\n");
  write("s/new/.imgpkg/upstream.yml", "evil\n");
  write("here/nested/.imgpkg/upstream.yml", "version: 1\n");
  write("here/nested/f", "f\n");
  EXPECT_TRUE(merge().changes.empty());
  EXPECT_THAT(scan_tree(dir_ / "here").nested, ElementsAre("nested"));
}

// A file, or none.
void random_file(const fs::path& path, std::mt19937& random) {
  if (random() % 3 != 0) test::write_text(path, std::string(1, "xyz"[random() % 3]) + "\n");
}

TEST(MergeTreesProperty, MergingTheSameVersionAgainChangesNothing) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const test::TempDir dir;
    for (const char* tree : {"old", "here", "s/new"}) {
      fs::create_directories(dir / tree);
      for (const char* name : {"a", "b", "d/c", "d/e"}) random_file(dir / tree / name, random);
    }
    fs::create_directories(dir / "t");
    fs::copy(dir / "s/new", dir / "t/new", fs::copy_options::recursive);
    const Tree old_tree = scan_tree(dir / "old");
    const MergedTree first =
        merge_trees({old_tree, scan_tree(dir / "here"), scan_tree(dir / "s/new"), dir / "s"});
    if (!first.obstacles.empty()) continue;
    apply(first.changes, dir / "s", dir / "here", Sources::kMoved);
    const auto after = test::read_tree(dir / "here");
    const Tree now = scan_tree(dir / "t/new");
    const MergedTree again = merge_trees({now, scan_tree(dir / "here"), now, dir / "t"});
    EXPECT_TRUE(again.changes.empty());
    EXPECT_EQ(test::read_tree(dir / "here"), after);
  }
}

}  // namespace
}  // namespace tote::bundle::working_copy
