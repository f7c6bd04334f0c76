// get, update, diff and push of working copies, as a user types them.
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

namespace tote {
namespace {

namespace fs = std::filesystem;
using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

class WorkingCopyTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string name(const std::string& image) const { return registry_.address() + "/" + image; }
  std::string oci(const std::string& image) const { return "oci://" + name(image); }
  // In the directory of the test.
  test::ProgramResult here(const Strings& arguments, const std::string& directory = ".") const {
    return tote(arguments, {.directory = dir_ / directory});
  }
  void publish(const std::string& image, const Files& files) {
    fs::remove_all(dir_ / "made");
    for (const auto& [file, text] : files) test::write_text(dir_ / ("made/" + file), text);
    EXPECT_DONE(tote({"push", "-i", name(image), "-f", path("made")}));
  }
  void get(const std::string& image, const std::string& directory) {
    EXPECT_DONE(here({"get", oci(image), directory}));
  }
  std::string digest(const std::string& image) const {
    const auto result = tote({"tag", "resolve", "-i", name(image)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(result.out.find('@') + 1, 71);
  }
  std::string text(const std::string& file) const { return test::read_text(dir_ / file); }
  void write(const std::string& file, const std::string& content) const {
    test::write_text(dir_ / file, content);
  }
  // But for the record.
  Files files(const std::string& directory) const {
    Files all = test::read_tree(dir_ / directory);
    std::erase_if(all,
                  [](const auto& file) { return file.first.find(".imgpkg") != std::string::npos; });
    return all;
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

// ---- get ---------------------------------------------------------------------------------------

TEST_F(WorkingCopyTest, GetMakesANewPackageThatKnowsItsUpstream) {
  publish("k/hello", {{"f", "a\n"}});
  publish("k/hello:v1", {{"f", "a\n"}});
  EXPECT_DONE(here({"get", oci("k/hello")}));
  EXPECT_EQ(files("hello"), (Files{{"f", "a\n"}}));
  EXPECT_EQ(text("hello/.imgpkg/upstream.yml"),
            fmt::format("---\nupstream:\n  image: {0}\n  strategy: merge\nupstreamLock:\n  digest: "
                        "{1}\n  image: {0}\nversion: 1\n",
                        name("k/hello:latest"), digest("k/hello:latest")));
  EXPECT_DONE(here({"get", oci("k/hello@" + digest("k/hello:v1")), "by-digest"}));
}

TEST_F(WorkingCopyTest, GetRefusesWhatIsAmbiguousOrThereAlready) {
  publish("k/hello:v1", {{"f", "a\n"}});
  EXPECT_THAT(
      here({"get", name("k/hello:v1")}).err,
      HasSubstr("ambiguous image:tag specify 'oci://' before argument: " + name("k/hello:v1")));
  write("hello/mine", "mine\n");
  EXPECT_THAT(here({"get", oci("k/hello:v1")}).err,
              HasSubstr("destination directory already exists"));
  EXPECT_EQ(files("hello"), (Files{{"mine", "mine\n"}}));
}

TEST_F(WorkingCopyTest, GetTakesADirectoryOfAnImageAlsoInsideOfAnotherPackage) {
  publish("k/all:v1", {{"f", "f\n"}, {"db/small/x", "x\n"}});
  publish("k/outer:v1", {{"g", "g\n"}});
  get("k/outer:v1", "outer");
  EXPECT_DONE(here({"get", oci("k/all//db/small:v1"), "outer/db"}));
  EXPECT_EQ(files("outer/db"), (Files{{"x", "x\n"}}));
  EXPECT_THAT(text("outer/db/.imgpkg/upstream.yml"), HasSubstr("directory: db/small\n"));
  EXPECT_THAT(here({"get", oci("k/all//none:v1"), "none"}).err, HasSubstr("has no 'none' in it"));
  EXPECT_FALSE(fs::exists(dir_ / "none"));
}

TEST_F(WorkingCopyTest, PullTakesADirectoryOfAnImage) {
  publish("k/all:v1", {{"f", "f\n"}, {"db/small/x", "x\n"}});
  EXPECT_DONE(here({"pull", oci("k/all//db:v1"), "a"}));
  EXPECT_DONE(here({"pull", "-i", oci("k/all//db:v1"), "-o", "b"}));
  const Files expected = {{"small/", ""}, {"small/x", "x\n"}};
  EXPECT_EQ(test::read_tree(dir_ / "a"), expected);
  EXPECT_EQ(test::read_tree(dir_ / "b"), expected);
  EXPECT_DONE(here({"pull", oci("k/all//db/small/x:v1"), "c"}));
  EXPECT_EQ(test::read_tree(dir_ / "c"), (Files{{"x", "x\n"}}));
}

TEST_F(WorkingCopyTest, TheWholeImageIsMeantElsewhere) {
  publish("k/all:v1", {{"f", "f\n"}});
  for (const Strings& words : {Strings{"copy", "-i", oci("k/all//db:v1"), "--to-repo", name("k/z")},
                               Strings{"push", "-i", oci("k/all//db:v1"), "-f", "."},
                               Strings{"tag", "resolve", "-i", oci("k/all//db:v1")}})
    EXPECT_THAT(here(words).err, HasSubstr("'//db' names a directory in the image")) << words[0];
  EXPECT_DONE(here({"copy", "-i", oci("k/all:v1"), "--to-repo", oci("k/z")}));
  EXPECT_DONE(here({"tag", "resolve", "-i", oci("k/z:v1")}));
}

TEST_F(WorkingCopyTest, NothingInAnImageSaysWhereADirectoryCameFrom) {
  const std::string layer = test::make_tar(
      {{"f", "a\n"},
       {".imgpkg/upstream.yml", "version: 1\norigin: {image: evil.io/x:v1, digest: x}\n"},
       {".imgpkg/unfinished-update/steps.json", "{}"},
       {"in/.imgpkg/upstream.yml", "evil"},
       {".git/hooks/post-checkout", "evil"}});
  test::put_image(registry_.storage(), "k/evil", {layer}, "v1");
  EXPECT_DONE(here({"get", oci("k/evil:v1"), "got"}));
  EXPECT_THAT(text("got/.imgpkg/upstream.yml"), HasSubstr(name("k/evil:v1")));
  EXPECT_FALSE(fs::exists(dir_ / "got/.git") || fs::exists(dir_ / "got/in/.imgpkg/upstream.yml"));
  const auto pulled = here({"pull", "-i", name("k/evil:v1"), "-o", "pulled"});
  EXPECT_DONE(pulled);
  EXPECT_THAT(pulled.err, HasSubstr("left out of 'pulled': 3 working copy records"));
  EXPECT_FALSE(fs::exists(dir_ / "pulled/.imgpkg/upstream.yml"));
}

// ---- pull and push -----------------------------------------------------------------------------

TEST_F(WorkingCopyTest, PullRemembersAndPushBringsBack) {
  publish("k/app:v1", {{"f", "a\n"}});
  EXPECT_DONE(here({"pull", oci("k/app:v1")}));
  EXPECT_EQ(text("app/.imgpkg/upstream.yml"),
            fmt::format("---\norigin:\n  digest: {}\n  image: {}\nversion: 1\n", digest("k/app:v1"),
                        name("k/app:v1")));
  write("app/f", "b\n");
  const auto pushed = here({"push", "app"});
  EXPECT_DONE(pushed);
  EXPECT_EQ(pushed.out, fmt::format("Pushing origin {}\nPushed digest {}\n", name("k/app:v1"),
                                    digest("k/app:v1")));
  EXPECT_THAT(text("app/.imgpkg/upstream.yml"), HasSubstr(digest("k/app:v1")));
  // What was pushed has no record in it.
  publish("k/same:v1", {{"f", "b\n"}});
  EXPECT_EQ(digest("k/app:v1"), digest("k/same:v1"));
}

TEST_F(WorkingCopyTest, ImgpkgsOwnSpellingRemembersNothing) {
  publish("k/app:v1", {{"f", "a\n"}});
  EXPECT_DONE(here({"pull", "-i", oci("k/app:v1"), "-o", "app"}));
  EXPECT_EQ(test::read_tree(dir_ / "app"), (Files{{"f", "a\n"}}));
}

TEST_F(WorkingCopyTest, PushTakesAVersionAnOriginAndTheNextVersion) {
  publish("k/app:v1.0", {{"f", "a\n"}});
  EXPECT_DONE(here({"pull", oci("k/app:v1.0")}));
  EXPECT_DONE(here({"push", "app@v1.4"}));
  EXPECT_DONE(here({"push", "--increment"}, "app"));
  EXPECT_DONE(here({"push", "app@v2.8", "--increment"}));
  EXPECT_DONE(here({"push", "app", "--origin", oci("k/other:v7")}));
  EXPECT_DONE(here({"push", "app"}));
  EXPECT_THAT(tote({"tag", "list", "-i", name("k/app")}).out,
              AllOf(HasSubstr("v1.4"), HasSubstr("v1.5"), HasSubstr("v2.9")));
  EXPECT_THAT(text("app/.imgpkg/upstream.yml"), HasSubstr(name("k/other:v7")));
  EXPECT_DONE(here({"push", "app@latest"}));
  EXPECT_THAT(here({"push", "app", "--increment"}).err, HasSubstr("unable to increment 'latest'"));
}

TEST_F(WorkingCopyTest, PushSaysWhatIsMissing) {
  publish("k/app:v1", {{"f", "a\n"}});
  get("k/app:v1", "app");
  EXPECT_THAT(here({"push", "app"}).err, HasSubstr("package must have an origin reference"));
  EXPECT_THAT(here({"push", "app@v1@v2"}).err, HasSubstr("at most 1 version permitted"));
  EXPECT_THAT(here({"push", "../app"}, "app").err + here({"push", "/"}, "app").err,
              HasSubstr("package path must be under current working directory"));
}

TEST_F(WorkingCopyTest, PushOfABundleIsABundle) {
  write("b/.imgpkg/images.yml", test::images_lock({}));
  write("b/f", "a\n");
  EXPECT_DONE(here({"push", "b", "--origin", oci("k/bundle:v1")}));
  EXPECT_DONE(here({"push", "-b", name("k/again:v1"), "-f", "b"}));
  EXPECT_EQ(digest("k/bundle:v1"), digest("k/again:v1"));
  EXPECT_DONE(here({"pull", oci("k/bundle:v1"), "back"}));
  EXPECT_DONE(here({"pull", "-b", name("k/bundle:v1"), "-o", "plain"}));
}

TEST_F(WorkingCopyTest, TheRecordAloneMakesNoBundle) {
  publish("k/app:v1", {{"f", "a\n"}});
  get("k/app:v1", "app");
  EXPECT_DONE(here({"push", "-i", name("k/again:v1"), "-f", "app"}));
  EXPECT_EQ(digest("k/again:v1"), digest("k/app:v1"));
  EXPECT_THAT(here({"push", "-b", name("k/again:v1"), "-f", "app"}).err,
              HasSubstr("This directory is not a bundle"));
}

// ---- update ------------------------------------------------------------------------------------

TEST_F(WorkingCopyTest, UpdateBringsTogetherWhatHasChangedOnBothSides) {
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

TEST_F(WorkingCopyTest, UpdatingAgainChangesNothingAndTheDifferenceIsWhatChangedHere) {
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

TEST_F(WorkingCopyTest, UpdateFollowsATagThatHasMovedAndADigest) {
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

TEST_F(WorkingCopyTest, UpdateMarksConflictsAndSaysSo) {
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

TEST_F(WorkingCopyTest, UpdateFailsForWhatIsNewOnBothSides) {
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

TEST_F(WorkingCopyTest, StrategiesFailForwardOrReplace) {
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

TEST_F(WorkingCopyTest, PackagesInsideThatFollowTheSameVersionAreUpdatedWithIt) {
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

TEST_F(WorkingCopyTest, TheRewrittenLockOfABundleIsNoChange) {
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

TEST_F(WorkingCopyTest, AKptfileSaysTheUpstreamToo) {
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

TEST_F(WorkingCopyTest, UpdateSaysWhatIsNoWorkingCopy) {
  write("w/f", "1\n");
  EXPECT_THAT(here({"update", "w"}).err, HasSubstr("is no working copy"));
}

// Every file of a version says which one it is, so that a mixture shows.
TEST_F(WorkingCopyTest, KilledAtAnyMomentItIsAsItWasOrEntirelyNew) {
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
  std::set<int> seen;
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
    seen.insert(is == next ? 1 : 0);
  }
}

TEST_F(WorkingCopyTest, KilledInPlaceTheNextCommandDoesTheRest) {
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

class WorkingCopyDiffTest : public WorkingCopyTest {
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
