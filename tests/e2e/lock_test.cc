// From charts, manifests and lists to a lock: tote lock.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote {
namespace {

using test::read_text;
using test::tote;
using test::write_text;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class Lock : public testing::Test {
 protected:
  // With an image in each of two forms, and one that is switched off.
  void write_chart() const {
    write_text(
        path("app/Chart.yaml"),
        "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"9.8\"\n"
        "home: https://example.com/app\nmaintainers:\n- {name: Ann, email: a@example.com}\n");
    write_text(path("app/values.yaml"),
               fmt::format("image: {{registry: '{0}', repository: team/web}}\n"
                           "exporter: {{image: '{0}/team/exporter:2.10'}}\n"
                           "extra: {{enabled: false, image: '{0}/team/extra:1'}}\n",
                           registry_.address()));
  }
  std::string put(const std::string& name, const std::string& tag, const std::string& content) {
    return test::put_image(registry_.storage(), name, {content}, tag).str();
  }
  test::ProgramResult lock(const Strings& more) const {
    Strings words = {"lock"};
    words.insert(words.end(), more.begin(), more.end());
    return tote(words, {.directory = dir_.path(), .environment = {{"PATH", "/nowhere"}}});
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string ref(const std::string& name) const { return registry_.address() + "/" + name; }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(Lock, WritesWhatABundleNeeds) {
  write_chart();
  const std::string web = put("team/web", "9.8", "web");
  const std::string exporter = put("team/exporter", "2.10", "exporter");
  const auto locked = lock({"--chart", "app", "-o", "b/.imgpkg/images.yml"});
  EXPECT_DONE(locked);
  EXPECT_EQ(locked.out, "Locked 2 images in 'b/.imgpkg/images.yml'\n");
  EXPECT_EQ(read_text(path("b/.imgpkg/images.yml")),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n"
                        "- annotations:\n    kbld.carvel.dev/id: {0}/team/exporter:2.10\n"
                        "  image: {0}/team/exporter@{1}\n"
                        "- annotations:\n    kbld.carvel.dev/id: {0}/team/web:9.8\n"
                        "  image: {0}/team/web@{2}\nkind: ImagesLock\n",
                        registry_.address(), exporter, web));
  EXPECT_THAT(read_text(path("b/.imgpkg/chart.yml")),
              testing::AllOf(HasSubstr("path: exporter.image"), HasSubstr("form: split"),
                             Not(HasSubstr("extra"))));
  EXPECT_EQ(read_text(path("b/.imgpkg/bundle.yml")),
            "# tote lock writes this file anew.\n---\napiVersion: "
            "imgpkg.carvel.dev/v1alpha1\nauthors:\n- email: a@example.com\n"
            "  name: Ann\nkind: Bundle\nmetadata:\n  name: app\n  version: 1.2.3\nwebsites:\n"
            "- url: https://example.com/app\n");
  EXPECT_DONE(tote({"push", "-q", "-b", ref("b/app:v1"), "-f", path("b")}));
  EXPECT_DONE(tote({"copy", "-q", "-b", ref("b/app:v1"), "--to-tar", path("app.tar")}));
}

TEST_F(Lock, AsksNobodyToListAndEveryImageOnceToLock) {
  write_chart();
  put("team/web", "9.8", "web");
  put("team/exporter", "2.10", "exporter");
  registry_.interceptor().forget_requests();
  const auto listed = lock({"--chart", "app", "--list"});
  EXPECT_DONE(listed);
  EXPECT_EQ(registry_.interceptor().requests().size(), 0U);
  EXPECT_THAT(listed.out, HasSubstr(ref("team/web:9.8") + "\timage\tsplit\tV1\tmedium\tyes\t-\n"));
  EXPECT_THAT(listed.out, HasSubstr(ref("team/extra:1") + "\textra.image\tref\tV6\tmedium\tno\t"
                                                          "extra.enabled is false\n"));
  EXPECT_DONE(lock({"--chart", "app"}));
  EXPECT_EQ(registry_.interceptor().count("HEAD"), 2U);
  EXPECT_EQ(registry_.interceptor().requests().size(), 3U) << "and /v2/";
}

TEST_F(Lock, GivesEachChartTheValuesBehindIt) {
  write_chart();
  std::filesystem::copy(path("app"), path("other"), std::filesystem::copy_options::recursive);
  write_text(path("other/Chart.yaml"), "apiVersion: v2\nname: other\nversion: 1.0.0\n");
  write_text(path("v.yml"), "image: {tag: common}\n");
  const auto listed = lock({"-f", "v.yml", "--chart", "app", "--set", "exporter.image=null",
                            "--chart", "other", "--set-string", "image.tag=7", "--list"});
  EXPECT_DONE(listed);
  EXPECT_THAT(listed.out, HasSubstr(ref("team/web:common")));
  EXPECT_THAT(listed.out, HasSubstr(ref("team/web:7")));
  EXPECT_THAT(listed.err, HasSubstr("multi-version"));
}

TEST_F(Lock, TakesManifestsFromStandardInputAndLists) {
  const std::string one = put("team/one", "1", "one");
  const std::string two = put("team/two", "2", "two");
  write_text(path("pod.yml"), fmt::format("kind: Pod\napiVersion: v1\nmetadata: {{name: a}}\nspec: "
                                          "{{containers: [{{name: a, image: '{}'}}]}}\n",
                                          ref("team/one:1")));
  write_text(path("list.txt"), "# ours\n" + ref("team/two:2") + "\n");
  write_text(path("all.sh"),
             test::program_path() + " lock --manifests - --images list.txt <pod.yml");
  const auto locked = test::run({"sh", path("all.sh")}, {.directory = dir_.path()});
  EXPECT_DONE(locked);
  EXPECT_THAT(locked.out, HasSubstr(ref("team/one@" + one)));
  EXPECT_THAT(locked.out, HasSubstr(ref("team/two@" + two)));
}

TEST_F(Lock, PackagesToTheByteWhatTheSingleStepsMake) {
  write_chart();
  put("team/web", "prod", "web");
  put("team/exporter", "2.10", "exporter");
  write_text(path("prod.yml"), "image: {tag: prod}\n");
  const test::ProgramOptions here{.directory = dir_.path(), .environment = {{"PATH", "/nowhere"}}};
  const auto packaged =
      tote({"package", "-q", "--chart", "app", "-f", "prod.yml", "--to-tar", "app.tar"}, here);
  EXPECT_DONE(packaged);
  EXPECT_THAT(packaged.out, HasSubstr("Packaged 'index.docker.io/library/app@sha256:"));
  EXPECT_THAT(packaged.out, HasSubstr("with 2 images, to 'app.tar'"));

  EXPECT_DONE(lock({"--chart", "app", "-f", "prod.yml", "-o", "b/.imgpkg/images.yml"}));
  EXPECT_DONE(tote({"push", "-q", "-c", ref("charts"), "-f", "app"}, here));
  EXPECT_DONE(tote({"pull", "-q", "-c", ref("charts/app:1.2.3"), "-o", "out", "--packed"}, here));
  std::filesystem::create_directories(path("b/values/app"));
  std::filesystem::rename(path("out"), path("b/charts"));
  std::filesystem::copy(path("prod.yml"), path("b/values/app/001-prod.yml"));
  EXPECT_DONE(tote({"push", "-q", "-b", "app:1.2.3", "-f", "b", "--to-tar", "steps.tar"}, here));
  EXPECT_TRUE(read_text(path("app.tar")) == read_text(path("steps.tar")));
}

TEST_F(Lock, TakesTheChartToo) {
  write_chart();
  const std::string web = put("team/web", "9.8", "web");
  put("team/exporter", "2.10", "exporter");
  EXPECT_DONE(tote({"push", "-q", "-c", ref("charts"), "-f", path("app")}));
  const auto locked = lock({"--chart", "oci://" + ref("charts/app"), "--version", "^1",
                            "--with-chart", "-o", "b/.imgpkg/images.yml"});
  EXPECT_DONE(locked);
  const std::string text = read_text(path("b/.imgpkg/images.yml"));
  EXPECT_THAT(text, HasSubstr("kbld.carvel.dev/id: " + ref("charts/app:1.2.3\n")));
  EXPECT_THAT(text, HasSubstr(web));
  EXPECT_DONE(tote({"push", "-q", "-b", ref("b/app:v1"), "-f", path("b")}));
  EXPECT_DONE(tote({"copy", "-q", "-b", ref("b/app:v1"), "--to-repo", ref("far/app"), "--to-prefix",
                    ref("far/m")}));
  const std::string host = registry_.address().substr(0, 9) + "_" + registry_.address().substr(10);
  EXPECT_DONE(
      tote({"pull", "-q", "-c", ref("far/m/" + host + "/charts/app:1.2.3"), "-o", path("out")}));
  EXPECT_EQ(read_text(path("out/app/values.yaml")), read_text(path("app/values.yaml")));
  const auto refused = lock({"--chart", "app", "--with-chart"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("hint: put it there with 'tote push -c'"));
}

TEST_F(Lock, ReadsHintsFromARegistry) {
  put("team/worker", "2", "worker");
  write_text(path("hints.yml"),
             "kind: ImageHints\nversion: 1\nimages:\n- ref: " + ref("team/worker:2") + "\n");
  EXPECT_DONE(tote({"push", "-q", "-i", ref("hints:v1"), "-f", path("hints.yml")}));
  const auto locked = lock({"--hints", "oci://" + ref("hints:v1")});
  EXPECT_DONE(locked);
  EXPECT_THAT(locked.out, HasSubstr(ref("team/worker@")));
  const auto refused = lock({"--hints", "oci://" + ref("hints:v2")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("Fetching hints 'oci://" + ref("hints:v2")));
}

TEST_F(Lock, WritesNoHostThatIsNobodysBusiness) {
  write_chart();
  put("team/web", "9.8", "web");
  put("team/exporter", "2.10", "exporter");
  EXPECT_DONE(lock({"--chart", "app", "-o", "b/.imgpkg/images.yml", "--report", "report.txt",
                    "--redact-host", registry_.address() + "=registry.example"}));
  EXPECT_THAT(read_text(path("b/.imgpkg/images.yml")),
              testing::AllOf(HasSubstr("kbld.carvel.dev/id: registry.example/team/web:9.8\n"),
                             HasSubstr("image: " + ref("team/web@"))));
  for (const char* file : {"b/.imgpkg/chart.yml", "report.txt"})
    EXPECT_THAT(read_text(path(file)), Not(HasSubstr(registry_.address()))) << file;
  EXPECT_EQ(lock({"--chart", "app", "--redact-host", "=x"}).exit_code, 1);
}

// What one registry refuses to show is not to come out of another.
TEST_F(Lock, DoesNotLookElsewhereAfterARefusal) {
  test::TestRegistry closed(
      [](testregistry::Handler& inner) { return test::with_passwords(inner, ""); });
  put("team/web", "1", "web");
  write_text(path("app/Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
  write_text(path("app/values.yaml"),
             fmt::format("global: {{image: {{registry: '{}'}}}}\nimage: {{registry: '{}', "
                         "repository: team/web, tag: '1'}}\n",
                         registry_.address(), closed.address()));
  const auto refused = lock({"--chart", "app", "--tag-fallback", "latest"});
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("1 image can not be locked: " + closed.address()));
}

TEST_F(Lock, NeverLocksADigestThatNobodyDeclared) {
  put("team/web", "1", "web");
  write_text(path("list.txt"), ref("team/web:1@sha256:") + std::string(64, '0') + "\n");
  for (const Strings& more : {Strings{}, Strings{"--allow-digest-mismatch"}}) {
    Strings words = {"--images", "list.txt"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(lock(words).exit_code, 1);
  }
}

TEST_F(Lock, LeavesNothingOfAnotherLockAndNothingOfOthersBehind) {
  write_chart();
  put("team/web", "9.8", "web");
  put("team/exporter", "2.10", "exporter");
  write_text(path("list.txt"), ref("team/web:9.8") + "\n");
  EXPECT_DONE(lock({"--chart", "app", "-o", "b/.imgpkg/images.yml"}));
  EXPECT_DONE(lock({"--images", "list.txt", "-o", "b/.imgpkg/images.yml"}));
  EXPECT_FALSE(std::filesystem::exists(path("b/.imgpkg/chart.yml")));
  EXPECT_FALSE(std::filesystem::exists(path("b/.imgpkg/bundle.yml")));
  write_text(path("b/.imgpkg/bundle.yml"), "kind: Bundle\n");
  EXPECT_DONE(lock({"--chart", "app", "-o", "b/.imgpkg/images.yml"}));
  EXPECT_EQ(read_text(path("b/.imgpkg/bundle.yml")), "kind: Bundle\n");
}

struct Missing {
  const char* name;
  Strings flags;
  int exit_code;
  const char* said;
  const char* code;  // in the report
};
class LockOfWhatIsMissing : public Lock, public testing::WithParamInterface<Missing> {};

TEST_P(LockOfWhatIsMissing, SaysSoUnlessItIsAllowed) {
  write_chart();
  put("team/web", "9.8", "web");
  put("team/exporter", "latest", "exporter");
  Strings words = {"--chart", "app", "--report", "report.json", "-o", "lock.yml"};
  words.insert(words.end(), GetParam().flags.begin(), GetParam().flags.end());
  const auto locked = lock(words);
  EXPECT_EQ(locked.exit_code, GetParam().exit_code) << locked.err;
  EXPECT_THAT(locked.err + locked.out, HasSubstr(GetParam().said));
  EXPECT_THAT(read_text(path("report.json")), HasSubstr(GetParam().code));
  EXPECT_EQ(std::filesystem::exists(path("lock.yml")), GetParam().exit_code == 0);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, LockOfWhatIsMissing,
    testing::Values(
        Missing{"None", {}, 1, "1 image can not be locked: ", "not-found"},
        Missing{"Allowed", {"--allow-missing"}, 0, "warning not-found", "not-found"},
        Missing{"Fallback", {"--tag-fallback", "latest"}, 0, "tag-fallback", "tag-fallback"},
        Missing{"Forbidden",
                {"--tag-fallback", "latest", "--fail-on", "tag-fallback"},
                1,
                "the report has what --fail-on names",
                "tag-fallback"},
        Missing{"Ignored", {"--ignore", "exporter.image"}, 0, "Locked 1 image", "optional"}),
    [](const auto& row) { return row.param.name; });

TEST_F(Lock, TakesADigestAtItsWordAndSaysIfItsTagLeadsElsewhere) {
  const std::string first = put("team/web", "1", "first");
  const std::string second = put("team/web", "1", "second");
  write_text(path("list.txt"), ref("team/web:1@" + first) + "\n");
  const auto refused = lock({"--images", "list.txt"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the tag '1' leads to " + second));
  EXPECT_THAT(refused.err, HasSubstr("hint: lock what is declared with --allow-digest-mismatch"));
  const auto allowed = lock({"--images", "list.txt", "--allow-digest-mismatch"});
  EXPECT_DONE(allowed);
  EXPECT_THAT(allowed.out, HasSubstr(ref("team/web@" + first)));
}

TEST_F(Lock, SaysWhichTagsHaveMoved) {
  put("team/web", "1", "first");
  write_text(path("list.txt"), ref("team/web:1") + "\n");
  EXPECT_DONE(lock({"--images", "list.txt", "-o", "lock.yml"}));
  EXPECT_THAT(lock({"--images", "list.txt", "-o", "lock.yml"}).err, Not(HasSubstr("moved-tag")));
  put("team/web", "1", "second");
  const auto again = lock({"--images", "list.txt", "-o", "lock.yml"});
  EXPECT_DONE(again);
  EXPECT_THAT(again.err, HasSubstr("moved-tag"));
}

TEST_F(Lock, ChoosesThePlatformBeforeItLocks) {
  const auto amd =
      test::put_image(registry_.storage(), "team/web", {"amd"}, "", {.architecture = "amd64"});
  const auto arm =
      test::put_image(registry_.storage(), "team/web", {"arm"}, "", {.architecture = "arm64"});
  const auto index =
      test::put_index(registry_.storage(), "team/web", {{amd, "amd64"}, {arm, "arm64"}}, "1");
  write_text(path("list.txt"), ref("team/web:1") + "\n");
  EXPECT_THAT(lock({"--images", "list.txt"}).out, HasSubstr(index.str()));
  EXPECT_THAT(lock({"--images", "list.txt", "--platform", "linux/arm64"}).out,
              HasSubstr(arm.str()));
  const auto none = lock({"--images", "list.txt", "--platform", "linux/s390x"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("Locking image '" + ref("team/web:1") + "'"));
}

struct WrongUse {
  const char* name;
  Strings flags;
  const char* said;
};
class LockUsedWrongly : public Lock, public testing::WithParamInterface<WrongUse> {};

TEST_P(LockUsedWrongly, SaysWhatIsWrong) {
  write_chart();
  write_text(path("bad.yml"), "a: [\n");
  write_text(path("empty/readme.txt"), "");
  write_text(path("typo.yml"),
             "kind: ImageHints\nversion: 1\nimages:\n- {ref: 'a/b:1', chart: typo}\n");
  const auto refused = lock(GetParam().flags);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr(GetParam().said));
  EXPECT_EQ(refused.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Uses, LockUsedWrongly,
    testing::Values(
        WrongUse{"Nothing", {}, "Expected --chart, --manifests, --images or --hints"},
        WrongUse{"ValuesOfNoChart",
                 {"-f", "v.yml", "--images", "bad.yml"},
                 "Expected --values only with --chart"},
        WrongUse{"NoChart", {"--chart", "empty"}, "it is no chart: there is no Chart.yaml"},
        WrongUse{"NoSuchChart", {"--chart", "nowhere"}, "nowhere"},
        WrongUse{"NoManifests", {"--manifests", "empty"}, "has no file that ends in .yaml"},
        WrongUse{"NoYaml", {"--manifests", "bad.yml"}, "bad.yml, line"},
        WrongUse{
            "NoCode", {"--chart", "app", "--fail-on", "what"}, "'what' is no code of a report"},
        WrongUse{"NoRender", {"--chart", "app", "--render", "x"}, "[never, auto, always]"},
        WrongUse{"TwoOfAName", {"--chart", "app", "--chart", "app"}, "two charts are called 'app'"},
        WrongUse{
            "StdinTwice", {"--images", "-", "--manifests", "-"}, "'-', the standard input, once"},
        WrongUse{"HintsOfNoChart",
                 {"--chart", "app", "--hints", "typo.yml"},
                 "it is about chart 'typo', which is not looked into"},
        WrongUse{"NoHelm", {"--chart", "app", "--render", "always"}, "not on the PATH"},
        WrongUse{"BadSet", {"--chart", "app", "--set", "a[99999]=1"}, "a[99999]=1"},
        WrongUse{"OutputOfAList", {"--chart", "app", "--list", "-o", "x"}, "Expected either --"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote
