// From a copied bundle to values, mirrors and manifests that name its images where they are.
#include "bundle/discover/combine.h"
#include "bundle/discover/value_lists.h"
#include "bundle/discover/values_overlay.h"
#include "bundle/discover/values_scan.h"
#include "bundle/image_names.h"
#include "bundle/image_tags.h"
#include "bundle/images_lock.h"
#include "chart/user_values.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

namespace tote {
namespace {

namespace fs = std::filesystem;
using bundle::discover::ImageName;
using test::read_text;
using test::tote;
using test::write_text;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class Values : public testing::Test {
 protected:
  test::ProgramResult run(const Strings& words) const {
    return tote(words, {.directory = dir_.path(), .environment = {{"PATH", "/nowhere"}}});
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string source(const std::string& name) const { return source_.address() + "/" + name; }
  std::string target(const std::string& name) const { return target_.address() + "/" + name; }
  std::string prefix() const { return target("mirror"); }
  // Where --to-prefix puts what `source` has.
  std::string moved(const std::string& name) const {
    std::string registry = source_.address();
    registry[registry.rfind(':')] = '_';
    return prefix() + "/" + registry + "/" + name;
  }

  std::string put(const std::string& name, const std::string& tag) {
    return test::put_image(source_.storage(), name, {name + tag}, tag).str();
  }

  // A chart with an image in two forms, one with a digest, in a bundle.
  void make_bundle() {
    web_ = put("team/web", "1.10");
    exporter_ = put("team/exporter", "2");
    write_text(path("app/Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.2.3\n");
    write_text(
        path("app/values.yaml"),
        fmt::format("image: {{registry: '{0}', repository: team/web, tag: '1.10'}}\n"
                    "exporter: {{image: {{repository: '{0}/team/exporter', tag: '2', digest: "
                    "''}}}}\nimagePullSecrets: []\n",
                    source_.address()));
    EXPECT_DONE(run({"lock", "--chart", "app", "-o", "b/.imgpkg/images.yml"}));
    EXPECT_DONE(run({"push", "-q", "-b", source("b/app:v1"), "-f", "b"}));
  }

  void copy(const Strings& more) const {
    Strings words = {"copy", "-q", "-b", source("b/app:v1"), "--to-repo", target("here/app")};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_DONE(run(words));
  }
  test::ProgramResult values(const Strings& more) const {
    Strings words = {"values"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  // Beside the copied bundle.
  void put_record(oci::Artifact& artifact, const std::string& tag) {
    const oci::Manifest& manifest = *artifact.manifest();
    for (const oci::Descriptor& blob : manifest.blobs())
      test::put_blob(target_.storage(), "here/app",
                     read_all(*artifact.open_blob(blob, 0, {}), blob.size, "record"));
    test::put_manifest(target_.storage(), "here/app", manifest.media_type(), manifest.bytes(), tag);
  }

  std::string web_, exporter_;
  test::TempDir dir_;
  test::TestRegistry source_;
  test::TestRegistry target_;
};

// ---- there and back, with each chart ------------------------------------------------------------

class ValuesOfChart : public Values, public testing::WithParamInterface<const char*> {
 protected:
  std::string chart() const {
    return std::string(TOTE_TEST_DATA) + "/charts/" + GetParam() + "/chart";
  }

  // The charts name registries of others: first they are all pointed at ours.
  void write_source_values() {
    const auto configured =
        chart::configure_chart(chart::load_chart(chart()), chart::read_user_values({}));
    bundle::discover::Combined combined =
        bundle::discover::combine({bundle::discover::scan_values(configured)});
    bundle::discover::add_value_lists(configured, combined);
    const auto file = bundle::discover::chart_file(combined, {{configured.chart->metadata.name}});
    const auto overlay =
        bundle::discover::values_overlay(file,
                                         [&](const std::string& id) {
                                           ImageName name = ImageName::parse(id).value();
                                           name.repository = name.registry + "/" + name.repository;
                                           name.registry = source_.address();
                                           name.digest = put(name.repository, name.tag);
                                           return std::optional(name);
                                         },
                                         {.digests = false});
    write_text(path("source.yml"), overlay.yaml);
  }

  // The image, its digest, of a lock.
  static std::map<std::string, std::string> digests_of(const std::string& lock) {
    std::map<std::string, std::string> digests;
    for (const auto& image : bundle::ImagesLock::parse(lock, "lock").images)
      digests[image.reference.repository.name()] = image.digest().str();
    return digests;
  }
};

TEST_P(ValuesOfChart, LeadFromTheBundleToTheSameImagesAtTheirNewPlaces) {
  write_source_values();
  const auto lock = [&](const Strings& files, const std::string& output) {
    // What annotations list no value moves.
    Strings words = {
        "lock", "--chart", chart(), "--allow-unresolved", "--ignore", "docker.io/bitnami/*",
        "-o",   output};
    for (const std::string& file : files) words.insert(words.end(), {"-f", path(file)});
    return run(words);
  };
  EXPECT_DONE(lock({"source.yml"}, "b/.imgpkg/images.yml"));
  EXPECT_DONE(run({"push", "-q", "-b", source("b/app:v1"), "-f", "b"}));
  EXPECT_DONE(run({"copy", "-q", "-b", source("b/app:v1"), "--to-tar", "app.tar"}));
  EXPECT_DONE(run({"copy", "-q", "--tar", "app.tar", "--to-repo", target("here/app"), "--to-prefix",
                   prefix()}));
  const auto written = values({"-b", target("here/app:v1"), "--to-prefix", prefix(), "-o",
                               "overlay.yml", "--pull-secret", "zot"});
  EXPECT_DONE(written);
  // The copy has written down where they are.
  EXPECT_DONE(values({"-b", target("here/app:v1"), "-o", "known.yml", "--pull-secret", "zot"}));
  EXPECT_EQ(read_text(path("overlay.yml")), read_text(path("known.yml")));
  // The archive says the same without a registry.
  EXPECT_DONE(values(
      {"--tar", "app.tar", "--to-prefix", prefix(), "-o", "from-tar.yml", "--pull-secret", "zot"}));
  EXPECT_EQ(read_text(path("overlay.yml")), read_text(path("from-tar.yml")));
  EXPECT_DONE(lock({"source.yml", "overlay.yml"}, "again/images.yml"));
  const auto before = digests_of(read_text(path("b/.imgpkg/images.yml")));
  const auto after = digests_of(read_text(path("again/images.yml")));
  std::map<std::string, std::string> expected;
  for (const auto& [name, digest] : before)
    expected[moved(name.substr(name.find('/') + 1))] = digest;
  EXPECT_FALSE(after.empty());
  EXPECT_EQ(after, expected) << read_text(path("overlay.yml"));
}

INSTANTIATE_TEST_SUITE_P(All, ValuesOfChart,
                         testing::Values("t01-cert-manager", "t02-kube-prometheus-stack",
                                         "t03-argo-cd", "t04-loki", "t05-postgresql",
                                         "t06-redis-operator", "t07-traefik", "t08-gatekeeper",
                                         "t09-kyverno", "t10-strimzi-kafka-operator",
                                         "t11-eck-operator", "t12-prometheus", "t13-nifikop",
                                         "t14-cloudnative-pg"));

// ---- where images are ---------------------------------------------------------------------------

TEST_F(Values, NameImagesBesideTheBundleByTheirTags) {
  make_bundle();
  copy({});
  const auto tag = [](const std::string& digest) { return "sha256-" + digest.substr(7); };
  const auto written = values({"-b", target("here/app:v1")});
  EXPECT_DONE(written);
  EXPECT_EQ(written.out,
            fmt::format("exporter:\n  image:\n    digest: \"{1}\"\n    repository: {0}/here/app\n"
                        "    tag: \"{2}.imgpkg\"\nimage:\n  registry: {0}\n  repository: here/app\n"
                        "  tag: \"{3}.imgpkg\"\n",
                        target_.address(), exporter_, tag(exporter_), tag(web_)));
}

TEST_F(Values, AreOfAPulledLockToo) {
  make_bundle();
  copy({});
  EXPECT_DONE(run({"pull", "-q", "-b", target("here/app:v1"), "-o", "pulled"}));
  const auto pulled = values({"--lock", "pulled/.imgpkg/images.yml"});
  EXPECT_DONE(pulled);
  EXPECT_EQ(pulled.out, values({"-b", target("here/app:v1")}).out);
  EXPECT_DONE(run({"copy", "-q", "-b", source("b/app:v1"), "--to-repo", target("here/app"),
                   "--lock-output", "app.lock.yml"}));
  EXPECT_EQ(values({"--lock", "app.lock.yml"}).out, pulled.out);
  EXPECT_EQ(values({"--lock", "b/.imgpkg/images.yml", "--to-repo", target("here/app")}).out,
            pulled.out);
}

TEST_F(Values, BelieveWhatACopyWroteDown) {
  make_bundle();
  copy({"--to-prefix", prefix()});
  const auto written = values({"-b", target("here/app:v1")});
  EXPECT_DONE(written);
  EXPECT_EQ(written.out, values({"-b", target("here/app:v1"), "--to-prefix", prefix()}).out);
  EXPECT_THAT(written.out, HasSubstr("tag: \"1.10\"\n"));
  // A record that knows less than the lock: that is said.
  const auto bundle = run({"tag", "resolve", "-i", target("here/app:v1")});
  const auto digest = oci::Digest::parse(bundle.out.substr(bundle.out.find("sha256:"), 7 + 64));
  put_record(*bundle::build_image_names({}), bundle::image_names_tag(digest));
  const auto refused = values({"-b", target("here/app:v1")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("The record of the copy does not say where image"));
}

TEST_F(Values, SayWhatToType) {
  make_bundle();
  copy({"--to-prefix", prefix()});
  const auto written = values({"-b", target("here/app:v1"), "--to-prefix", prefix(), "-o", "v.yml",
                               "--print-helm", "--pull-secret", "zot"});
  EXPECT_DONE(written);
  EXPECT_EQ(written.out,
            fmt::format("Wrote values for 2 images of chart 'app' to 'v.yml'\n"
                        "kubectl create secret docker-registry zot --namespace NAMESPACE "
                        "--docker-server {} --docker-username USER --docker-password PASSWORD\n"
                        "helm upgrade --install app CHART --version 1.2.3 --namespace NAMESPACE "
                        "--values v.yml\n",
                        target_.address()));
  EXPECT_THAT(read_text(path("v.yml")), HasSubstr("imagePullSecrets:\n- name: \"zot\"\n"));
}

// ---- other programs -----------------------------------------------------------------------------

TEST_F(Values, AreMirrorsThatSkopeoFollows) {
  make_bundle();
  copy({"--to-prefix", prefix()});
  const Strings here = {"-b", target("here/app:v1"), "--to-prefix", prefix(), "--as"};
  const auto as = [&](const char* kind, const Strings& more = {}) {
    Strings words = here;
    words.emplace_back(kind);
    words.insert(words.end(), more.begin(), more.end());
    return values(words);
  };
  EXPECT_DONE(as("registries.conf", {"-o", "registries.conf"}));
  const auto inspect = [&](const std::string& image) {
    return test::run({"skopeo", "--registries-conf", path("registries.conf"), "inspect",
                      "--no-tags", "--format", "{{.Digest}}", "docker://" + image},
                     {.directory = dir_.path()});
  };
  target_.interceptor().forget_requests();
  const auto seen = inspect(source("team/web:1.10"));
  EXPECT_DONE(seen);
  EXPECT_EQ(seen.out, web_ + "\n");
  EXPECT_GT(target_.interceptor().requests().size(), 0U) << "the mirror was asked";

  EXPECT_DONE(as("containerd", {"-o", "certs.d"}));
  EXPECT_EQ(read_text(path("certs.d/" + source_.address() + "/hosts.toml")),
            fmt::format("server = \"https://{0}\"\n\n[host.\"http://{1}/v2/{2}\"]\n"
                        "  capabilities = [\"pull\", \"resolve\"]\n  override_path = true\n",
                        source_.address(), target_.address(),
                        moved("x").substr(target_.address().size() + 1,
                                          moved("x").size() - target_.address().size() - 3)));
  const auto openshift = as("openshift");
  EXPECT_DONE(openshift);
  EXPECT_THAT(openshift.out, HasSubstr(fmt::format(
                                 "kind: ImageTagMirrorSet\nmetadata:\n  name: tote\nspec:\n"
                                 "  imageTagMirrors:\n  - mirrors:\n    - {}\n    source: {}\n",
                                 moved("x").substr(0, moved("x").size() - 2), source_.address())));
  const auto kustomize = as("kustomize", {"--digests=false"});
  EXPECT_DONE(kustomize);
  EXPECT_THAT(kustomize.out,
              HasSubstr(fmt::format("- name: {}\n  newName: {}\n  newTag: \"1.10\"\n",
                                    source("team/web"), moved("team/web"))));
  const auto kbld = as("kbld");
  EXPECT_DONE(kbld);
  EXPECT_THAT(kbld.out,
              HasSubstr(fmt::format("- image: {}\n  newImage: {}@{}\n  preresolved: true\n",
                                    source("team/web:1.10"), moved("team/web"), web_)));
}

TEST_F(Values, AreNoMirrorsWherePathsWereNotKept) {
  make_bundle();
  copy({"--to-prefix", prefix(), "--strip-registry"});
  for (const char* kind : {"containerd", "registries.conf", "openshift"})
    for (const Strings& place : {Strings{}, Strings{"--to-prefix", prefix(), "--strip-registry"}}) {
      Strings words = {"-b", target("here/app:v1"), "--as", kind};
      words.insert(words.end(), place.begin(), place.end());
      const auto refused = values(words);
      EXPECT_EQ(refused.exit_code, 1) << kind;
      EXPECT_THAT(refused.err, HasSubstr("is not at its own path and tag below a prefix"));
      EXPECT_THAT(refused.err, HasSubstr("hint: copy the bundle with --to-prefix"));
    }
}

TEST_F(Values, ReplaceReferencesInManifests) {
  make_bundle();
  copy({"--to-prefix", prefix()});
  const std::string pod =
      "# ours\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
      "  - name: a\n    image: '%s'  # the web\n";
  const auto with = [&](const std::string& image) {
    std::string text = pod;
    return text.replace(text.find("%s"), 2, image);
  };
  write_text(path("k8s/pod.yml"), with(source("team/web:1.10")));
  write_text(path("k8s/in/other.yaml"), with("example.com/who:1"));
  const Strings words = {"-b", target("here/app:v1"), "--to-prefix", prefix(), "--rewrite", "k8s"};
  const auto rewritten = values(words);
  EXPECT_DONE(rewritten);
  EXPECT_EQ(rewritten.out, "Replaced 1 reference in 1 file below 'k8s'\n");
  EXPECT_THAT(rewritten.err, HasSubstr("Image example.com/who:1 (k8s/in/other.yaml) is not in the "
                                       "bundle, and left as it is"));
  EXPECT_EQ(read_text(path("k8s/pod.yml")), with(moved("team/web:1.10") + "@" + web_));
  EXPECT_EQ(read_text(path("k8s/in/other.yaml")), with("example.com/who:1"));
  const auto again = values(words);
  EXPECT_EQ(again.out, "Replaced 0 references in 0 files below 'k8s'\n");
  EXPECT_THAT(again.err, Not(HasSubstr(moved("team/web"))));
}

// ---- wrong use ----------------------------------------------------------------------------------

struct WrongUse {
  const char* name;
  Strings flags;
  const char* said;
};
class ValuesUsedWrongly : public Values, public testing::WithParamInterface<WrongUse> {};

TEST_P(ValuesUsedWrongly, SayWhatIsWrong) {
  make_bundle();
  copy({});
  write_text(path("plain/.imgpkg/images.yml"),
             "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages: []\n");
  EXPECT_DONE(run({"push", "-q", "-b", target("plain:v1"), "-f", "plain"}));
  EXPECT_DONE(run({"copy", "-q", "-b", source("b/app:v1"), "--to-tar", "app.tar"}));
  fs::create_directories(path("empty"));
  Strings flags = GetParam().flags;
  for (std::string& flag : flags)
    for (const auto& [mark, host] : {std::pair("S/", source("")), std::pair("T/", target(""))})
      if (flag.starts_with(mark)) flag = host + flag.substr(2);
  const auto refused = values(flags);
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr(GetParam().said));
  EXPECT_EQ(refused.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Uses, ValuesUsedWrongly,
    testing::Values(
        WrongUse{"Nothing", {}, "Expected --bundle, --lock or --tar"},
        WrongUse{"NoBundle", {"-b", "S/team/web:1.10"}, "is an image, and no bundle"},
        WrongUse{"NoChart", {"-b", "T/plain:v1"}, "has no .imgpkg/chart.yml"},
        WrongUse{"NotCopied", {"-b", "S/b/app:v1"}, "hint: copy the bundle there first"},
        WrongUse{
            "NotThere", {"-b", "T/here/app:v1", "--to-prefix", "T/nowhere"}, "Looking for image '"},
        WrongUse{"NowhereYet",
                 {"--tar", "app.tar"},
                 "Expected --to-repo, --to-prefix or --to-template with --tar"},
        WrongUse{"OtherChart",
                 {"-b", "T/here/app:v1", "--chart", "other"},
                 "The bundle has no chart 'other', but 'app'"},
        WrongUse{"NoKind",
                 {"-b", "T/here/app:v1", "--as", "docker"},
                 "[helm, containerd, registries.conf, openshift, kustomize, kbld]"},
        WrongUse{"HelmWithoutFile",
                 {"-b", "T/here/app:v1", "--print-helm"},
                 "Expected --print-helm only with --output"},
        WrongUse{"TwoSources",
                 {"-b", "T/here/app:v1", "--lock", "b/.imgpkg/images.yml"},
                 "Expected either --"},
        WrongUse{"NothingToRewrite", {"-b", "T/here/app:v1", "--rewrite", "empty"}, "has no file"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote
