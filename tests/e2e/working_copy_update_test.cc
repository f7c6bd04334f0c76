// update and diff of working copies, as a user types them; and kill -9 while they run.
#include "base/json.h"
#include "tests/e2e/working_copy.h"
#include "tests/support/image_builder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>

namespace tote {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class WorkingCopyUpdate : public test::WorkingCopyFixture {};

// ---- update ------------------------------------------------------------------------------------

TEST_F(WorkingCopyUpdate, UpdateBringsTogetherWhatHasChangedOnBothSides) {
  publish("k/p:v1", {{"f", "a\nb\nc\n"}, {"gone", "g\n"}, {"same", "s\n"}});
  get("k/p:v1", "w");
  write("w/f", "A\nb\nc\n");
  write("w/mine", "m\n");
  publish("k/p:v2", {{"f", "a\nb\nC\n"}, {"same", "s\n"}, {"new", "n\n"}});
  const auto updated = here({"update", "w@v2"});
  EXPECT_DONE(updated);
  EXPECT_THAT(updated.out, AllOf(HasSubstr("merged: f\n"), HasSubstr("removed: gone\n"),
                                 HasSubstr("added: new\n"), HasSubstr("Updated 'w' to")));
  EXPECT_EQ(files("w"),
            (Files{{"f", "A\nb\nC\n"}, {"mine", "m\n"}, {"new", "n\n"}, {"same", "s\n"}}));
  EXPECT_THAT(text("w/.imgpkg/upstream.yml"),
              AllOf(HasSubstr(name("k/p:v2")), HasSubstr(digest("k/p:v2"))));
}

TEST_F(WorkingCopyUpdate, UpdatingAgainChangesNothingAndTheDifferenceIsWhatChangedHere) {
  publish("k/p:v1", {{"f", "a\nb\nc\n"}, {"g", "g\n"}});
  get("k/p:v1", "w");
  write("w/f", "A\nb\nc\n");
  publish("k/p:v2", {{"f", "a\nb\nC\n"}, {"g", "G\n"}});
  EXPECT_DONE(here({"update", "w@v2"}));
  const Files after = test::read_tree(dir_ / "w");
  const auto again = here({"update", "w"});
  EXPECT_DONE(again);
  EXPECT_THAT(again.out, HasSubstr("'w' is up to date with"));
  EXPECT_EQ(test::read_tree(dir_ / "w"), after);
  const auto diff = here({"diff", "w", "--diff-type", "local", "--patch"});
  EXPECT_EQ(diff.exit_code, 3);
  EXPECT_EQ(diff.out, "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\n+A\n b\n C\n");
}

TEST_F(WorkingCopyUpdate, UpdateFollowsATagThatHasMovedAndADigest) {
  publish("k/p:v1", {{"f", "1\n"}});
  get("k/p:v1", "w");
  publish("k/p:v1", {{"f", "2\n"}});
  EXPECT_DONE(here({"update"}, "w"));
  EXPECT_EQ(text("w/f"), "2\n");
  publish("k/p:other", {{"f", "3\n"}});
  EXPECT_DONE(here({"update", "w@" + digest("k/p:other")}));
  EXPECT_EQ(text("w/f"), "3\n");
  EXPECT_THAT(text("w/.imgpkg/upstream.yml"),
              HasSubstr("image: " + name("k/p@" + digest("k/p:other"))));
}

TEST_F(WorkingCopyUpdate, UpdateMarksConflictsAndSaysSo) {
  publish("k/p:v1", {{"f", "a\n"}});
  get("k/p:v1", "w");
  write("w/f", "here\n");
  publish("k/p:v2", {{"f", "there\n"}});
  const auto trial = here({"update", "w@v2", "--dry-run"});
  EXPECT_EQ(trial.exit_code, 3);
  EXPECT_EQ(text("w/f"), "here\n");
  EXPECT_THAT(text("w/.imgpkg/upstream.yml"), HasSubstr(name("k/p:v1")));
  const auto updated = here({"update", "w@v2"});
  EXPECT_EQ(updated.exit_code, 3);
  EXPECT_THAT(updated.out,
              AllOf(HasSubstr("conflict: f (1 place)"), HasSubstr("1 conflict to be resolved")));
  EXPECT_EQ(text("w/f"), "<<<<<<< local\nhere\n=======\nthere\n>>>>>>> upstream v2\n");
}

TEST_F(WorkingCopyUpdate, UpdateFailsForWhatIsNewOnBothSides) {
  publish("k/p:v1", {{"f", "a\n"}});
  get("k/p:v1", "w");
  write("w/new", "here\n");
  publish("k/p:v2", {{"f", "b\n"}, {"new", "there\n"}});
  const Files before = test::read_tree(dir_ / "w");
  const auto updated = here({"update", "w@v2"});
  EXPECT_EQ(updated.exit_code, 1);
  EXPECT_THAT(updated.err, HasSubstr("'new': it is new here and upstream, and not the same"));
  EXPECT_EQ(test::read_tree(dir_ / "w"), before);
  EXPECT_EQ(here({"update", "w@v2", "--dry-run"}).exit_code, 3);
}

TEST_F(WorkingCopyUpdate, StrategiesFailForwardOrReplace) {
  publish("k/p:v1", {{"f", "a\n"}, {"g", "g\n"}});
  get("k/p:v1", "w");
  write("w/f", "here\n");
  write("w/mine", "m\n");
  publish("k/p:v2", {{"f", "there\n"}, {"g", "g\n"}});
  EXPECT_THAT(here({"update", "w@v2", "--strategy", "fast-forward"}).err,
              HasSubstr("local package files have been modified: [f mine]. use a different update "
                        "--strategy"));
  EXPECT_DONE(here({"update", "w@v2", "--strategy", "replace"}));
  EXPECT_EQ(files("w"), (Files{{"f", "there\n"}, {"g", "g\n"}}));
  publish("k/p:v3", {{"f", "3\n"}});
  EXPECT_DONE(here({"update", "w@v3", "--strategy", "fast-forward"}));
  EXPECT_EQ(files("w"), (Files{{"f", "3\n"}}));
  EXPECT_THAT(here({"update", "w", "--strategy", "best"}).err, HasSubstr("[merge, fast-forward"));
}

TEST_F(WorkingCopyUpdate, PackagesInsideThatFollowTheSameVersionAreUpdatedWithIt) {
  publish("k/p:v1", {{"f", "1\n"}, {"db/x", "1\n"}});
  publish("k/other:v1", {{"o", "1\n"}});
  get("k/p:v1", "w");
  EXPECT_DONE(here({"get", oci("k/p//db:v1"), "w/mine/first"}));
  EXPECT_DONE(here({"get", oci("k/other:v1"), "w/mine/other"}));
  publish("k/p:v2", {{"f", "2\n"}, {"db/x", "2\n"}});
  publish("k/other:v1", {{"o", "2\n"}});
  const auto updated = here({"update", "w@v2"});
  EXPECT_DONE(updated);
  EXPECT_THAT(updated.out, HasSubstr("updated with it: mine/first\n"));
  EXPECT_EQ(text("w/f") + text("w/mine/first/x") + text("w/mine/other/o"), "2\n2\n1\n");
  EXPECT_THAT(text("w/mine/first/.imgpkg/upstream.yml"),
              AllOf(HasSubstr(name("k/p:v2")), HasSubstr("directory: db")));
}

TEST_F(WorkingCopyUpdate, TheRewrittenLockOfABundleIsNoChange) {
  publish("a/one:v1", {{"f", "1\n"}});
  publish("a/two:v1", {{"f", "2\n"}});
  const std::string one = name("a/one@" + digest("a/one:v1"));
  const std::string two = name("a/two@" + digest("a/two:v1"));
  const auto push_bundle = [&](const std::string& tag, const Strings& images) {
    write("b/.imgpkg/images.yml", test::images_lock(images));
    write("b/f", tag + "\n");
    EXPECT_DONE(here({"push", "-b", name("b/src:" + tag), "-f", "b"}));
    EXPECT_DONE(here({"copy", "-b", name("b/src:" + tag), "--to-repo", name("b/far")}));
  };
  push_bundle("v1", {one});
  get("b/far:v1", "w");
  EXPECT_THAT(text("w/.imgpkg/images.yml"), HasSubstr(name("b/far@")));
  EXPECT_EQ(here({"diff", "w"}).exit_code, 0);
  push_bundle("v2", {one, two});
  EXPECT_DONE(here({"update", "w@v2", "--strategy", "fast-forward"}));
  EXPECT_DONE(here({"pull", "-b", name("b/far:v2"), "-o", "pulled"}));
  EXPECT_EQ(text("w/.imgpkg/images.yml"), text("pulled/.imgpkg/images.yml"));
  EXPECT_EQ(here({"diff", "w"}).out, "no difference\n");
}

TEST_F(WorkingCopyUpdate, AKptfileSaysTheUpstreamToo) {
  publish("k/p:v1", {{"f", "1\n"}});
  publish("k/p:v2", {{"f", "2\n"}});
  write("w/f", "1\n");
  write("w/Kptfile", fmt::format("kind: Kptfile\nupstream:\n  type: oci\n  oci: {{image: '{0}'}}\n"
                                 "upstreamLock:\n  type: oci\n  oci: {{image: '{0}', digest: "
                                 "'{1}'}}\n",
                                 name("k/p:v1"), digest("k/p:v1")));
  EXPECT_DONE(here({"update", "w@v2"}));
  EXPECT_EQ(text("w/f"), "2\n");
  EXPECT_THAT(text("w/.imgpkg/upstream.yml"), HasSubstr(name("k/p:v2")));
  write("git/Kptfile", "kind: Kptfile\nupstream: {type: git, git: {repo: x}}\n");
  EXPECT_THAT(here({"update", "git"}).err, HasSubstr("of type 'git' is not supported"));
}

TEST_F(WorkingCopyUpdate, UpdateSaysWhatIsNoWorkingCopy) {
  write("w/f", "1\n");
  EXPECT_THAT(here({"update", "w"}).err, HasSubstr("is no working copy"));
}

// Every file of a version says which one it is, so that a mixture shows.
TEST_F(WorkingCopyUpdate, KilledAtAnyMomentItIsAsItWasOrEntirelyNew) {
  const auto version = [](int number) {
    Files files;
    for (int i = 0; i < 60; ++i)
      files[fmt::format("d{}/f{}", i % 7, i)] = fmt::format("{}\n", number);
    files[fmt::format("only-{}", number)] = "x\n";
    return files;
  };
  for (const int number : {1, 2}) publish(fmt::format("k/p:v{}", number), version(number));
  get("k/p:v1", "w");
  write("w/mine", "mine\n");
  std::map<int, Files> whole;
  for (const int number : {1, 2}) {
    EXPECT_DONE(here({"update", fmt::format("w@v{}", number)}));
    whole[number] = test::read_tree(dir_ / "w");
  }
  std::mt19937 random(3);
  const int kills = test::environment("TOTE_LONG_TESTS").empty() ? 40 : 400;
  for (int kill = 0; kill < kills; ++kill) {
    const int next = text("w/.imgpkg/upstream.yml").find(":v1") == std::string::npos ? 1 : 2;
    test::Child child({test::program_path(), "update", fmt::format("w@v{}", next)},
                      {.directory = dir_.path()});
    // Not a wait for anything: the moment of the kill is what varies.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 120'000));
    child.signal(SIGKILL);
    child.wait();
    const Files now = test::read_tree(dir_ / "w");
    const int is = now.contains("only-1") ? 1 : 2;
    ASSERT_EQ(now, whole[is]) << "kill " << kill;
  }
}

TEST_F(WorkingCopyUpdate, KilledInPlaceTheNextCommandDoesTheRest) {
  Files one;
  Files two;
  for (int i = 0; i < 60; ++i) {
    one[fmt::format("f{}", i)] = "1\n";
    two[fmt::format("f{}", i)] = "2\n";
  }
  publish("k/p:v1", one);
  publish("k/p:v2", two);
  get("k/p:v1", "w");
  std::mt19937 random(5);
  for (int kill = 0; kill < 25; ++kill) {
    test::Child child({test::program_path(), "update", fmt::format("@v{}", 1 + kill % 2)},
                      {.directory = dir_ / "w"});
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 120'000));
    child.signal(SIGKILL);
    child.wait();
    here({"diff"}, "w");
    const Files now = files("w");
    ASSERT_TRUE(now == one || now == two) << "kill " << kill;
  }
}

// ---- diff --------------------------------------------------------------------------------------

class WorkingCopyDiffTest : public test::WorkingCopyFixture {
 protected:
  void SetUp() override {
    publish("k/p:v1", {{"f", "a\n"}, {"g", "g\n"}});
    get("k/p:v1", "w");
    write("w/f", "here\n");
    publish("k/p:v2", {{"f", "there\n"}, {"g", "g\n"}, {"new", "n\n"}});
  }
  std::string diff(const Strings& arguments) const {
    Strings words = {"diff"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto result = here(words);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    return result.out;
  }
};

TEST_F(WorkingCopyDiffTest, ShowsWhatHasChangedHereThereOrBoth) {
  EXPECT_EQ(diff({"w"}), "file changed: f (mode 0600, 2 B -> mode 0600, 5 B)\n");
  EXPECT_EQ(
      diff({"w@v2", "--diff-type", "remote"}),
      "file changed: f (mode 0600, 2 B -> mode 0600, 6 B)\nfile added: new (mode 0600, 2 B)\n");
  EXPECT_EQ(diff({"w@v2"}),
            "file changed: f (mode 0600, 6 B -> mode 0600, 5 B)\nfile removed: new (mode 0600, 2 "
            "B)\n");
  EXPECT_EQ(diff({"w@v2", "--diff-type", "3way"}),
            "file f: here changed, upstream changed\nfile new: here as it was, upstream added\n");
}

TEST_F(WorkingCopyDiffTest, IsReadByPrograms) {
  const Json two = Json::parse(diff({"w", "--json"}), "diff");
  EXPECT_EQ(two.at("same").text(), "false");
  EXPECT_EQ(two.at("files").items()[0].at("path").string(), "f");
  const Json three = Json::parse(diff({"w@v2", "--diff-type", "3way", "--json"}), "diff");
  EXPECT_EQ(three.at("files").items()[0].at("here").string(), "changed");
}

TEST_F(WorkingCopyDiffTest, GivesTheDirectoriesToAnotherProgram) {
  EXPECT_THAT(diff({"w", "--diff-tool", "diff", "--diff-tool-opts", "-r -q -x .imgpkg"}),
              HasSubstr("differ"));
  EXPECT_THAT(here({"diff", "w", "--diff-tool", "no-such-tool"}).err,
              HasSubstr("diff-tool 'no-such-tool' not found in the PATH"));
  EXPECT_THAT(here({"diff", "w", "--diff-type", "other"}).err,
              HasSubstr("invalid diff-type 'other'"));
}

}  // namespace
}  // namespace tote
