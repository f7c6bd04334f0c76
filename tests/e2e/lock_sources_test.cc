// Where what tote lock looks into may come from: repositories of charts, archives, pipes, Helm.
#include "oci/digest.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"
#include "tests/support/web_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote {
namespace {

using test::read_text;
using test::tote;
using test::write_text;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class LockSources : public testing::Test {
 protected:
  LockSources() {
    write_text(path("app/Chart.yaml"),
               "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"9.8\"\n");
    write_text(path("app/values.yaml"),
               fmt::format("image: {{repository: {0}/team/web}}\n", registry_.address()));
    put("team/web", "9.8");
  }
  std::string put(const std::string& name, const std::string& tag) {
    return test::put_image(registry_.storage(), name, {name + tag}, tag).str();
  }
  test::ProgramResult run(const Strings& words, const std::string& search = "/nowhere") const {
    return tote(words, {.directory = dir_.path(), .environment = {{"PATH", search}}});
  }
  // app-1.2.3.tgz
  std::string pack() {
    EXPECT_DONE(run({"push", "-q", "-c", ref("charts"), "-f", "app"}));
    EXPECT_DONE(run({"pull", "-q", "-c", ref("charts/app:1.2.3"), "-o", "packed", "--packed"}));
    return path("packed/app-1.2.3.tgz");
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string ref(const std::string& name) const { return registry_.address() + "/" + name; }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(LockSources, AreArchivesOfCharts) {
  const auto of_directory = run({"lock", "--chart", "app"});
  EXPECT_DONE(of_directory);
  const auto of_archive = run({"lock", "--chart", pack()});
  EXPECT_DONE(of_archive);
  EXPECT_EQ(of_archive.out, of_directory.out);
  EXPECT_THAT(of_archive.out, HasSubstr("kbld.carvel.dev/id: " + ref("team/web:9.8")));
}

TEST_F(LockSources, AreRepositoriesOfChartsAndHintsOnTheWeb) {
  const test::TlsFiles tls(dir_);
  test::WebServer web(testregistry::ServerTls{read_text(tls.certificate), read_text(tls.key)});
  web.put("/charts/app-1.2.3.tgz", read_text(pack()));
  web.put("/charts/index.yaml",
          "apiVersion: v1\nentries:\n  app:\n  - {version: 1.2.3, urls: [app-1.2.3.tgz]}\n");
  web.put("/hints.yml",
          "kind: ImageHints\nversion: 1\nimages:\n- ref: " + ref("team/more:2") + "\n");
  put("team/more", "2");
  const Strings trusted = {"--registry-ca-cert-path", tls.certificate.string()};
  Strings words = {"lock",
                   "--chart",
                   "app",
                   "--repo",
                   web.url() + "/charts",
                   "--version",
                   "^1",
                   "--hints",
                   web.url() + "/hints.yml"};
  words.insert(words.end(), trusted.begin(), trusted.end());
  const auto locked = run(words);
  EXPECT_DONE(locked);
  EXPECT_THAT(locked.out, AllOf(HasSubstr(ref("team/web@")), HasSubstr(ref("team/more@"))));
  words[6] = "^2";
  const auto none = run(words);
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("Fetching chart 'app' from '" + web.url() + "/charts'"));
}

TEST_F(LockSources, HaveTheVersionOfTheAppWithOrWithoutAV) {
  write_text(path("app/values.yaml"),
             fmt::format("image: {{repository: {0}/team/other}}\n", registry_.address()));
  put("team/other", "v9.8");
  const auto locked = run({"lock", "--chart", "app", "--report", "report.txt"});
  EXPECT_DONE(locked);
  EXPECT_THAT(locked.out, HasSubstr("kbld.carvel.dev/id: " + ref("team/other:v9.8")));
  EXPECT_THAT(read_text(path("report.txt")), HasSubstr("note other-candidate"));
}

TEST_F(LockSources, AreRenderedByHelm) {
  put("team/side", "1");
  std::filesystem::create_directories(path("bin"));
  const auto helm = [&](const std::string& script) {
    write_text(path("bin/helm"), "#!/bin/sh\n" + script);
    std::filesystem::permissions(path("bin/helm"), std::filesystem::perms::owner_all);
  };
  const Strings lock = {"lock", "--chart", "app", "--set", "a=b", "--report", "report.txt"};
  helm(fmt::format(
      "[ \"$1\" = template ] || exit 9\necho \"$@\" >args\ncat <<END\napiVersion: v1\nkind: Pod\n"
      "metadata: {{name: web}}\nspec:\n  containers:\n  - {{name: web, image: "
      "'{0}/team/web:9.8'}}\n"
      "  - {{name: side, image: '{0}/team/side:1'}}\nEND\n",
      registry_.address()));
  const std::string search = path("bin") + ":/usr/bin:/bin";
  const auto rendered = run(lock, search);
  EXPECT_DONE(rendered);
  EXPECT_THAT(rendered.out, AllOf(HasSubstr(ref("team/web@")), HasSubstr(ref("team/side@"))));
  EXPECT_THAT(read_text(path("args")), AllOf(HasSubstr("--set"), HasSubstr("a=b")));
  helm("echo 'Error: values do not fit' >&2; exit 1\n");
  const auto failed = run(lock, search);
  EXPECT_DONE(failed);
  EXPECT_THAT(failed.err, HasSubstr("warning render-failed"));
  EXPECT_THAT(failed.out, AllOf(HasSubstr(ref("team/web@")), Not(HasSubstr(ref("team/side@")))));
  Strings always = lock;
  always.insert(always.end(), {"--render", "always"});
  const auto refused = run(always, search);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("values do not fit"));
}

TEST_F(LockSources, ArePipesOfValuesWhichABundleKeeps) {
  put("team/web", "prod");
  const auto packaged =
      test::run({"sh", "-c",
                 "echo 'image: {tag: prod}' | " + test::program_path() +
                     " package -q --chart app -f /dev/stdin --set a.b=1 --set-string c=2 "
                     "-b app:v1 --to-tar app.tar"},
                {.directory = dir_.path()});
  EXPECT_DONE(packaged);
  EXPECT_DONE(run({"copy", "-q", "--tar", "app.tar", "--to-repo", ref("app")}));
  EXPECT_DONE(run({"pull", "-q", "-b", ref("app:v1"), "-o", "out"}));
  EXPECT_EQ(read_text(path("out/values/app/001-values-1.yaml")), "image: {tag: prod}\n");
  EXPECT_EQ(read_text(path("out/values/app/002-set.yaml")),
            "a:\n  b: 1\nc: \"2\"\nimage:\n  tag: \"prod\"\n");
}

TEST_F(LockSources, MayHaveNoImages) {
  write_text(path("app/values.yaml"), "replicas: 1\n");
  const auto locked = run({"lock", "--chart", "app"});
  EXPECT_DONE(locked);
  EXPECT_THAT(locked.err, HasSubstr("no image was found that is needed"));
}

TEST_F(LockSources, ArePublicOnlyAsFarAsAllowed) {
  const auto listed = run({"lock", "--chart", "app", "--list", "--redact-host",
                           registry_.address() + "=registry.example"});
  EXPECT_DONE(listed);
  EXPECT_THAT(listed.out, AllOf(HasSubstr("registry.example/team/web:9.8"),
                                Not(HasSubstr(registry_.address()))));
}

TEST_F(LockSources, AreNotNamedByAVersionAndADigest) {
  pack();
  const auto digest = run({"tag", "resolve", "-i", ref("charts/app:1.2.3")});
  const std::string by_digest = digest.out.substr(0, digest.out.find('\n'));
  EXPECT_DONE(run({"lock", "--chart", "oci://" + by_digest}));
  const auto refused = run({"lock", "--chart", "oci://" + by_digest, "--version", "1.2.3"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("names a version, and so does '1.2.3'"));
}

TEST_F(LockSources, ThatJsonCanNotHoldAreNotPushed) {
  write_text(path("app/Chart.yaml"),
             "apiVersion: v2\nname: app\nversion: 1.2.3\ndependencies:\n"
             "- {name: inner, version: 1.0.0, repository: '', import-values: [{child: a, parent: "
             "b, c: .inf}]}\n");
  write_text(path("app/charts/inner/Chart.yaml"), "apiVersion: v2\nname: inner\nversion: 1.0.0\n");
  const auto refused = run({"push", "-q", "-c", ref("charts"), "-f", "app"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("Chart.yaml, line 5: JSON has no number '.inf'"));
}

}  // namespace
}  // namespace tote
