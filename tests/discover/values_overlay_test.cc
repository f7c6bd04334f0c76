#include "bundle/discover/values_overlay.h"

#include "base/error.h"
#include "tests/chart/chart_text.h"
#include "tests/discover/moved_charts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

#define EXPECT_THROW_MESSAGE(statement, text) \
  try {                                       \
    static_cast<void>(statement);             \
    ADD_FAILURE() << "nothing was thrown";    \
  } catch (const Error& error) {              \
    EXPECT_EQ(error.message(), text);         \
  }

using testing::HasSubstr;

// ---- each form ----------------------------------------------------------------------------------

using Files = std::map<std::string, std::string, std::less<>>;

chart::ConfiguredChart small(const std::string& values, const std::string& templates = "",
                             const std::string& more = "appVersion: 7.8.9\n") {
  return chart::configure_chart(
      chart::chart_of(Files{{"Chart.yaml", chart::chart_yaml("app", more)},
                            {"values.yaml", values},
                            {"templates/a.yaml", templates}}),
      chart::values(""));
}

// To r.io/m/LAST PART, with the tag that it had.
std::optional<ImageName> to_m(const std::string& id) {
  ImageName name = named(id);
  name.repository = "m/" + name.repository.substr(name.repository.rfind('/') + 1);
  name.registry = "r.io";
  name.digest = kDigest;
  return name;
}

// Without a tag there.
std::optional<ImageName> by_digest(const std::string& id) {
  ImageName name = to_m(id).value();
  name.tag.clear();
  return name;
}

std::string written(const std::string& values, const NewPlace& place = to_m,
                    const OverlayOptions& options = {}, const std::string& templates = "") {
  return values_overlay(file_of(small(values, templates)), place, options).yaml;
}

struct FormCase {
  const char* name;
  const char* values;
  std::string overlay;
  std::string by_digest = {};  // empty: not looked at
  const char* templates = "";
};
void PrintTo(const FormCase& form, std::ostream* out) {
  *out << form.name;
}
class OverlayForms : public testing::TestWithParam<FormCase> {};

TEST_P(OverlayForms, AreWrittenAsTheyWereRead) {
  const FormCase& form = GetParam();
  EXPECT_EQ(written(form.values, to_m, {}, form.templates), form.overlay);
  if (form.by_digest.empty()) return;
  EXPECT_EQ(written(form.values, by_digest, {}, form.templates), form.by_digest);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, OverlayForms,
    testing::Values(
        FormCase{"Split", "image: {registry: q.io, repository: a/b, tag: 1.10}",
                 "image:\n  registry: r.io\n  repository: m/b\n  tag: \"1.10\"\n",
                 "image:\n  registry: r.io\n  repository: m/b\n  tag: \"1.10@" + kDigest + "\"\n"},
        FormCase{"Digest", "image: {registry: q.io, repository: a/b, tag: '1', digest: ''}",
                 "image:\n  digest: \"" + kDigest +
                     "\"\n  registry: r.io\n  repository: m/b\n  tag: \"1\"\n",
                 "image:\n  digest: \"" + kDigest +
                     "\"\n  registry: r.io\n  repository: m/b\n  tag: \"1\"\n"},
        FormCase{
            "BareDigest", "image: {repository: q.io/a/b, tag: '1', sha: ''}",
            "image:\n  repository: r.io/m/b\n  sha: \"" + kDigest.substr(7) + "\"\n  tag: \"1\"\n"},
        FormCase{"Joined", "image: {repository: a/b}",
                 "image:\n  repository: r.io/m/b\n  tag: \"7.8.9\"\n"},
        FormCase{"TagInside", "image: {repository: 'a/b:3'}",
                 "image:\n  repository: r.io/m/b:3@" + kDigest + "\n",
                 "image:\n  repository: r.io/m/b@" + kDigest + "\n"},
        FormCase{"Reference", "image: q.io/a/b:3", "image: r.io/m/b:3@" + kDigest + "\n",
                 "image: r.io/m/b@" + kDigest + "\n"},
        FormCase{"Pair", "x: {image: q.io/a/b, tag: 3}", "x:\n  image: r.io/m/b\n  tag: \"3\"\n"},
        FormCase{"NameTag", "x: {imageName: q.io/a/b, imageTag: 3}",
                 "x:\n  imageName: r.io/m/b\n  imageTag: \"3\"\n"},
        FormCase{"NamedWhole", "imageRegistry: q.io\nimageNamespace: n\nx: {image: {name: w}}",
                 "x:\n  image:\n    repository: r.io/m/w\n    tag: \"7.8.9\"\n"},
        FormCase{"NamedInParts",
                 "defaultImageRegistry: q.io\nimageRepository: n\nx: {image: {name: w, tag: t}}",
                 "x:\n  image:\n    name: w\n    registry: r.io\n    repository: m\n    tag: "
                 "\"t\"\n"},
        FormCase{"Hub", "global: {hub: h.io/x, tag: t}\np: {image: p}\nq: {image: q}",
                 "global:\n  hub: r.io/m\n  tag: \"t\"\np:\n  image: p\nq:\n  image: q\n",
                 "global:\n  hub: r.io/m\n  tag: \"t@" + kDigest +
                     "\"\np:\n  image: p\nq:\n  image: q\n"},
        FormCase{"Above", "x: {repository: q.io/n, image: w, version: '1'}",
                 "x:\n  image: w\n  repository: r.io/m\n  version: \"1\"\n"},
        FormCase{"GlobalRegistry", "global: {imageRegistry: g.io}\nimage: {repository: a, tag: b}",
                 "global:\n  imageRegistry: r.io\nimage:\n  repository: m/a\n  tag: \"b\"\n"},
        FormCase{"List",
                 "sidecars:\n- name: one\n  image: q.io/a/b:3\n  on: [1, true, 'yes', ~]\n- {x: "
                 "'0x1', y: {}, z: []}\n",
                 "sidecars:\n- image: r.io/m/b:3@" + kDigest +
                     "\n  name: \"one\"\n  \"on\":\n  - 1\n  - true\n  - \"yes\"\n  - null\n- x: "
                     "\"0x1\"\n  \"y\": {}\n  z: []\n"},
        FormCase{"OddKeys", "'a.b': {'c d': {image: q.io/a/b:3}}",
                 "a.b:\n  \"c d\":\n    image: r.io/m/b:3@" + kDigest + "\n"},
        FormCase{"TagSuffix", "image: {repository: q.io/a/b, tag: '1', tagSuffix: -slim}",
                 "image:\n  repository: r.io/m/b\n  tag: \"1\"\n"},
        FormCase{"CheckedImages", "image: q.io/a/b:3",
                 "global:\n  security:\n    allowInsecureImages: true\nimage: r.io/m/b:3@" +
                     kDigest + "\n",
                 "", "{{ if not .Values.global.security.allowInsecureImages }}"},
        FormCase{"None", "replicas: 1", "{}\n"}),
    [](const auto& row) { return row.param.name; });

TEST(Overlay, LeavesDigestsOutAndTakesOldOnesAway) {
  const std::string old = "sha256:" + std::string(64, 'b');
  EXPECT_EQ(written("image: {repository: a/b, tag: '1', digest: '" + old + "'}\nx: {image: a/c:2}",
                    to_m, {.digests = false}),
            "image:\n  digest: \"\"\n  repository: r.io/m/b\n  tag: \"1\"\nx:\n  image: "
            "r.io/m/c:2\n");
}

// Istio takes a text with a "/" in it for a whole reference.
TEST(Overlay, WritesWholeReferencesWhereAHubWouldHaveToBeTwo) {
  const auto apart = [](const std::string& id) {
    ImageName name = to_m(id).value();
    if (name.repository == "m/q") name.tag = "other";
    return std::optional(name);
  };
  EXPECT_EQ(
      written("global: {hub: h.io/x, tag: t}\np: {image: p}\nq: {image: q}", apart),
      "p:\n  image: r.io/m/p:t@" + kDigest + "\nq:\n  image: r.io/m/q:other@" + kDigest + "\n");
}

// What templates join with a "/" may be cut anywhere.
TEST(Overlay, GivesAHubWhatAllBehindItHaveInCommon) {
  const std::string templates =
      "image: {{ .Values.hub }}/{{ .Values.a.name }}:{{ .Values.a.version }}\n"
      "image: {{ .Values.hub }}/{{ .Values.b.name }}:{{ .Values.b.version }}\n";
  EXPECT_EQ(written("hub: q.io/n\na: {name: x/one, version: '1'}\nb: {name: y/two, version: '2'}",
                    below_prefix, {}, templates),
            "a:\n  name: x/one\n  version: \"1\"\nb:\n  name: y/two\n  version: \"2\"\n"
            "hub: air.gap:5000/mirror/q.io/n\n");
}

struct Impossible {
  const char* name;
  const char* values;
  const char* said;
};
void PrintTo(const Impossible& row, std::ostream* out) {
  *out << row.name;
}
class ImpossibleOverlays : public testing::TestWithParam<Impossible> {};

TEST_P(ImpossibleOverlays, AreRefused) {
  try {
    written(GetParam().values, [](const std::string& id) {
      ImageName name = to_m(id).value();
      name.repository = "flat";
      name.tag = name.repository_name() == "r.io/flat" ? "t-" + named(id).repository.substr(8) : "";
      return std::optional(name);
    });
    ADD_FAILURE() << "written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().said));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ImpossibleOverlays,
    testing::Values(
        Impossible{"OneTagForTwo",
                   "image: {repository: library/a, crdRepository: library/b, tag: x}",
                   "'image.tag' would have to be 't-a' for image 'docker.io/library/a:x' and 't-b' "
                   "for image 'docker.io/library/b:x'"},
        Impossible{"Suffix", "image: {repository: library/a, tag: x, tagSuffix: -slim}",
                   "templates put '-slim' behind it, and 't-a' does not end so"},
        Impossible{"NothingBetween",
                   "defaultImageRegistry: q.io\nimageRepository: library\nx: {image: {name: w, "
                   "tag: t}}",
                   "and 'r.io/flat' has nothing there"}),
    [](const auto& row) { return row.param.name; });

TEST(Overlay, NamesImagesThatAreNotThere) {
  try {
    written("image: q.io/a/b:3", [](const std::string&) { return std::nullopt; });
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "Image 'q.io/a/b:3', which 'image' of chart 'app' names, is not "
              "among the images of the bundle");
  }
}

TEST(Overlay, SaysWhatNoValueCanMove) {
  ChartFile file = file_of(small("image: q.io/a/b:3"));
  file.images.push_back({.id = "q.io/in/templates:1", .source = Evidence::kRendered});
  file.unresolved.push_back({.chart = "app", .path = {"x"}, .reason = "who knows"});
  const Overlay overlay = values_overlay(file, to_m, {});
  EXPECT_EQ(overlay.images, std::vector<std::string>{"q.io/a/b:3"});
  EXPECT_EQ(overlay.elsewhere, std::vector<std::string>{"q.io/in/templates:1"});
  EXPECT_EQ(overlay.unresolved.size(), 1U);
}

TEST(Overlay, NeedsTheItemsOfAList) {
  ChartFile file = file_of(small("many: [{image: q.io/a/b:3}]"));
  EXPECT_EQ(file.lists.size(), 1U);
  file.lists.clear();
  EXPECT_THROW_MESSAGE(values_overlay(file, to_m, {}),
                       "'many[0].image' can not be written: it is in a list, and chart.yml does "
                       "not have its items");
}

// ---- pull secrets -------------------------------------------------------------------------------

TEST(Overlay, AddsSecretsInTheFormOfEachPlace) {
  EXPECT_EQ(written("imagePullSecrets: []\n"
                    "a: {imagePullSecrets: [{name: old}]}\n"
                    "b: {imagePullSecrets: [old, zot]}\n"
                    "c: {imagePullSecrets: {enabled: false}}\n"
                    "d: {imagePullSecrets: ''}\n"
                    "e: {imagePullSecrets: {own: {registry: x, username: y}}}\n",
                    to_m, {.pull_secrets = {"zot"}}),
            "a:\n  imagePullSecrets:\n  - name: \"old\"\n  - name: \"zot\"\n"
            "b:\n  imagePullSecrets:\n  - \"old\"\n  - \"zot\"\n"
            "c:\n  imagePullSecrets:\n    enabled: true\n    name: \"zot\"\n"
            "d:\n  imagePullSecrets: \"zot\"\n"
            "imagePullSecrets:\n- name: \"zot\"\n");
  EXPECT_EQ(written("a: {imagePullSecrets: []}", to_m, {.pull_secrets = {"x", "y"}}),
            "a:\n  imagePullSecrets:\n  - name: \"x\"\n  - name: \"y\"\n");
  EXPECT_THROW_MESSAGE(written("a: {imagePullSecrets: ''}", to_m, {.pull_secrets = {"x", "y"}}),
                       "'a.imagePullSecrets' takes the name of one secret, and there are 2");
  EXPECT_TRUE(values_overlay(file_of(small("imagePullSecrets: []")), to_m, {}).takes_secrets);
  EXPECT_FALSE(values_overlay(file_of(small("a: b")), to_m, {}).takes_secrets);
}

// ---- several charts -----------------------------------------------------------------------------

TEST(Overlay, IsOfOneChart) {
  ChartFile file{.charts = {{"one"}, {"two"}}};
  for (const char* chart : {"one", "two"})
    file.images.push_back({.id = fmt::format("q.io/{}:1", chart),
                           .place = {.chart = fmt::format("{}/inner", chart),
                                     .path = {"inner", "image"},
                                     .form = Form::kReference,
                                     .fields = {.repository = {"inner", "image"}}},
                           .source = Evidence::kValues});
  EXPECT_EQ(values_overlay(file, to_m, {.chart = "two"}).yaml,
            "inner:\n  image: r.io/m/two:1@" + kDigest + "\n");
  EXPECT_THROW_MESSAGE(values_overlay(file, to_m, {}),
                       "The bundle is of several charts: 'one', 'two'");
  EXPECT_THROW_MESSAGE(values_overlay(file, to_m, {.chart = "x"}),
                       "The bundle has no chart 'x', but 'one', 'two'");
  EXPECT_THROW_MESSAGE(values_overlay({}, to_m, {}),
                       "The bundle was made of no chart, so there are no values of one");
}

}  // namespace
}  // namespace tote::bundle::discover
