// get, pull and push of working copies, as a user types them.
#include "tests/e2e/working_copy.h"

#include "tests/support/image_builder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace tote {
namespace {

namespace fs = std::filesystem;
using test::tote;
using testing::AllOf;
using testing::HasSubstr;

class WorkingCopyTest : public test::WorkingCopyFixture {};

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

}  // namespace
}  // namespace tote
