#include "bundle/discover/values_scan.h"

#include "tests/discover/scanned_chart.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ValuesScan, SeesInTemplatesThatNamesOfSecretsAreTexts) {
  EXPECT_THAT(scan("imagePullSecrets: []",
                   "{{- range .Values.imagePullSecrets }}\n  - name: {{ . }}\n{{- end }}"),
              ElementsAre("secret imagePullSecrets list-string"));
}

TEST(ValuesScan, TakesAVersionAtTheRootThatTemplatesUseForImages) {
  const char* kValues =
      "linkerdVersion: stable-2\ncontrollerImage: l5d.io/x/c\ncontrollerImageVersion: ''\n"
      "proxy: {image: {name: l5d.io/x/proxy, version: ''}}\n";
  EXPECT_THAT(
      scan(kValues, "image: {{.Values.controllerImage}}:{{default .Values.linkerdVersion}}"),
      ElementsAre("+ l5d.io/x/c:stable-2 controllerImage pair V5",
                  "+ l5d.io/x/proxy:stable-2 proxy.image joined V1"));
  EXPECT_THAT(scan(kValues, "label: {{ .Values.linkerdVersion }}"),
              ElementsAre("+ l5d.io/x/c:7.8.9~ controllerImage pair V5",
                          "+ l5d.io/x/proxy:7.8.9~ proxy.image joined V1"));
}

TEST(ValuesScan, TakesTheVersionOfTheAppForATextIfTemplatesDo) {
  EXPECT_THAT(
      scan("web: {image: q.io/a/b}", "image: {{ .Values.web.image }}:{{ .Chart.AppVersion }}"),
      ElementsAre("+ q.io/a/b:7.8.9~ web.image pair V5"));
  EXPECT_THAT(scan("web: {image: q.io/a/b}"), ElementsAre("? no-tag web.image"));
}

TEST(ValuesScan, JoinsRepositoryAndNameIfTemplatesDo) {
  const char* kValues = "image: {repository: q.io/a, name: b, tag: c}";
  EXPECT_THAT(scan(kValues, "image: {{ .Values.image.repository }}/{{ .Values.image.name }}:x"),
              ElementsAre("+ q.io/a/b:c image joined V1"));
  EXPECT_THAT(scan(kValues), ElementsAre("+ q.io/a:c image joined V1"));
}

TEST(ValuesScan, TakesAKeyAroundEverythingAway) {
  const char* kValues = "_defaults:\n  global: {hub: d.io/x, tag: v1}\n  pilot: {image: pilot}\n";
  EXPECT_THAT(scan(kValues, "{{- $x := unset .Values \"_defaults\" }}"),
              ElementsAre("+ d.io/x/pilot:v1 pilot.image hub V9"));
  EXPECT_THAT(shown(scan_files({{"values.yaml", kValues},
                                {"templates/a.yaml", "{{- $x := unset $.Values \"_defaults\" }}"}},
                               "global: {tag: v2}")),
              ElementsAre("+ d.io/x/pilot:v2 pilot.image hub V9"));
}

TEST(ValuesScan, FindsTheRootBelowTheOnlyKey) {
  EXPECT_THAT(
      scan("all:\n  imageRegistry: q.io\n  imageNamespace: n\n  web: {image: {name: w, tag: t}}\n"),
      ElementsAre("+ q.io/n/w:t all.web.image named V2"));
}

TEST(ValuesScan, KnowsTheVersionWithAndWithoutItsLetter) {
  const auto candidates = [](const std::string& app, const std::string& templates) {
    Lines tags;
    const Discovery found = scan_files(
        {{"Chart.yaml", chart::chart_yaml("app", app.empty() ? "" : "appVersion: " + app + "\n")},
         {"values.yaml", "image: {repository: a/b}"},
         {"templates/a.yaml", templates}});
    for (const FoundImage& image : found.images)
      for (const ImageName& name : image.candidates) tags.push_back(name.tag);
    for (const UnresolvedImage& image : found.unresolved) tags.push_back("? " + image.code);
    return tags;
  };
  EXPECT_THAT(candidates("1.2", ""), ElementsAre("1.2", "v1.2"));
  EXPECT_THAT(candidates("v1.2", ""), ElementsAre("v1.2", "1.2"));
  EXPECT_THAT(candidates("1.2", "{{ printf \"v%s\" .Chart.AppVersion }}"),
              ElementsAre("v1.2", "1.2"));
  EXPECT_THAT(candidates("1.2", "image: \"x:v{{ .Chart.AppVersion }}\""),
              ElementsAre("v1.2", "1.2"));
  EXPECT_THAT(candidates("", ""), ElementsAre("? no-tag"));
}

TEST(ValuesScan, FindsTheVersionBelowTheOnlyKey) {
  EXPECT_THAT(scan("all:\n  version: v1\n  art: {image: k/art, other: 1}\n",
                   "imageTag: {{ .Values.all.version }}"),
              ElementsAre("+ docker.io/k/art:v1 all.art.image pair V5"));
}

TEST(ValuesScan, TakesForATagWhatTemplatesPutBehindTheColon) {
  EXPECT_THAT(
      scan("art: {image: k/art, defaultVersion: v3}\nweb: {image: {repository: k/web}}\nrelease: "
           "{name: v4}\n",
           "a: {{ .Values.art.image }}:{{ .Values.art.tag | default .Values.art.defaultVersion }}\n"
           "b: \"{{ .Values.web.image.repository }}:{{ .Values.release.name }}\""),
      ElementsAre("+ docker.io/k/art:v3 art.image pair V5",
                  "+ docker.io/k/web:v4 web.image joined V1"));
}

TEST(ValuesScan, SeesWhereTemplatesPutNamesBehindARepository) {
  const char* kValues = "image: {registry: d.io, repo: openebs, tag: v2}";
  EXPECT_THAT(scan(kValues,
                   "image: {{ .Values.image.registry }}/{{ .Values.image.repo }}/api-rest:{{ "
                   "include \"x\" . }}"),
              ElementsAre("? name-in-templates image.repo",
                          "note image-in-templates templates/a.yaml, line 1"));
  EXPECT_THAT(scan(kValues,
                   "image: {{ .Values.image.registry }}/{{ .Values.image.repo }}/api-rest:{{ "
                   ".Values.image.tag }}\n"
                   "  - name: X\n    value: \"{{ .Values.image.registry }}/{{ .Values.image.repo "
                   "}}/io:{{ .Values.image.tag }}\""),
              ElementsAre("+ d.io/openebs/api-rest:v2 image.repo none V11",
                          "+ d.io/openebs/io:v2 image.repo none V11"));
}

// Only simple templates are worked out, and what other rules have found is theirs.
TEST(ValuesScan, WorksOutImagesThatTemplatesPutTogether) {
  const char* kValues =
      "registry: {agent: quay.io/m, operator: quay.io/m}\n"
      "operator: {operatorImageName: op, version: 0.7.8}\nagent: {name: mongodb-agent, version: "
      "12.0-1}\n"
      "off: {enabled: false, name: off}\nspare: ''\n";
  EXPECT_THAT(scan(kValues,
                   "image: {{ .Values.registry.operator }}/{{ .Values.operator.operatorImageName "
                   "}}:{{ .Values.operator.version }}\n"
                   "value: \"{{ .Values.registry.agent }}/{{ .Values.agent.name }}:{{ "
                   ".Values.spare | default .Values.agent.version }}\"\n"
                   "  - --x={{ $.Values.registry.agent }}/{{- .Values.off.name -}}:{{ default "
                   ".Chart.AppVersion .Values.spare }}\n"
                   "value: {{ .Values.registry.agent }}/{{ .Values.agent.name | quote }}:{{ "
                   ".Values.agent.version }}\n"
                   "4.1={{ .Values.registry.agent }}/kafka:{{ .Values.agent.version }}\n"),
              ElementsAre("+ quay.io/m/op:0.7.8 operator.operatorImageName hub V4",
                          "+ quay.io/m/mongodb-agent:12.0-1 agent.name hub V11",
                          "- quay.io/m/off:7.8.9 off.name hub V11"));
}

TEST(ValuesScan, ReportsImagesThatOnlyTemplatesName) {
  EXPECT_THAT(scan("tap: {docker: {registry: docker.io/k, tag: v1}}",
                   "spec:\n  - image: busybox:1.36\n    image: \"{{ .Values.tap.docker.registry "
                   "}}/worker:{{ .x }}\"\n"
                   "    image: '{{ .Values.a }}/{{ .Values.b }}:{{ .c }}-fips' # no\n    image: "
                   "busybox:1.36\n"
                   "    image:\n    imagePullPolicy: Always\n    image: {{ include \"a/b\" . }}\n"),
              ElementsAre("note image-in-templates templates/a.yaml, line 2",
                          "note image-in-templates templates/a.yaml, line 3"));
  EXPECT_THAT(scan("a: 1", "annotations:\n  \"helm.sh/hook\": test\nspec:\n  image: busybox\n"),
              IsEmpty());
}

// What an overlay needs to write them again.
TEST(ValuesScan, SaysWhereEachPartStands) {
  const auto fields = [](const std::string& values) {
    const Discovery found = scan_files({{"values.yaml", values}});
    const FormFields& at = found.images.at(0).fields;
    return path_text(at.registry) + "|" + path_text(at.repository) + "|" + path_text(at.name) +
           "|" + path_text(at.tag) + "|" + path_text(at.digest) +
           (at.is_bare_digest ? "|bare" : "");
  };
  EXPECT_EQ(fields("image: {registry: r.io, repository: a, tag: b, digest: ''}"),
            "image.registry|image.repository||image.tag|image.digest");
  EXPECT_EQ(fields("image: {repository: a, tag: b, sha: ''}"),
            "|image.repository||image.tag|image.sha|bare");
  EXPECT_EQ(fields("image: {repository: a}"), "|image.repository||image.tag|");
  EXPECT_EQ(fields("image: {repository: a, version: ''}"), "|image.repository||image.version|");
  EXPECT_EQ(fields("image: {registry: ~, repository: a/b, tag: c}"),
            "image.registry|image.repository||image.tag|");
  EXPECT_EQ(fields("image: a:b"), "|image|||");
  EXPECT_EQ(fields("x: {image: a/b, tag: c}"), "|x.image||x.tag|");
  EXPECT_EQ(fields("x: {registry: r.io, image: a/b, tag: c}"), "x.registry|x.image||x.tag|");
  EXPECT_EQ(fields("x: {imageName: a/b, imageTag: c}"), "|x.imageName||x.imageTag|");
  EXPECT_EQ(fields("global: {hub: h.io/x, tag: t}\np: {image: p}"),
            "global.hub|p.image||global.tag|");
  EXPECT_EQ(fields("global: {imageRegistry: g.io}\nimage: {repository: a, tag: b}"),
            "global.imageRegistry|image.repository||image.tag|");
  EXPECT_EQ(fields("imageRegistry: q.io\nimageNamespace: n\nx: {image: {name: w}}"),
            "|x.image.repository||x.image.tag|")
      << "a repository is taken as a whole there";
  EXPECT_EQ(fields("imageRegistry: q.io\nimageNamespace: n\nx: {image: {registry: r.io, name: w}}"),
            "x.image.registry|x.image.repository||x.image.tag|");
  EXPECT_EQ(fields("defaultImageRegistry: q.io\ndefaultImageTag: t\n"
                   "x: {image: {name: w, tag: ''}}\nimageRepository: n"),
            "x.image.registry|x.image.repository|x.image.name|x.image.tag|")
      << "a tag of its own is read before the one of all";
  EXPECT_EQ(fields("defaultImageRegistry: q.io\ndefaultImageTag: t\n"
                   "x: {image: {name: w}}\nimageRepository: n"),
            "x.image.registry|x.image.repository|x.image.name|defaultImageTag|");
  EXPECT_EQ(fields("image: {override: ~, repository: a/b:c}"), "|image.repository|||");
  EXPECT_EQ(fields("image: {override: ~, repository: a/b:c, tag: ''}"),
            "|image.repository||image.tag|");
}

TEST(ValuesScan, SaysWhereItWasWritten) {
  const Discovery found =
      scan_files({{"values.yaml", "# first\nimage:\n  repository: a/b\n  tag: c\n"}});
  EXPECT_EQ(found.images.at(0).where, "values.yaml, line 3");
  EXPECT_EQ(found.images.at(0).chart, "app");
}

Files with_subchart(const std::string& dependency, const std::string& values,
                    const std::string& inner) {
  return {{"Chart.yaml",
           chart::chart_yaml("app", "appVersion: 7.8.9\ndependencies:\n- " + dependency + "\n")},
          {"values.yaml", values},
          {"charts/sub/Chart.yaml", chart::chart_yaml("sub", "appVersion: 1.1.1\n")},
          {"charts/sub/values.yaml", inner}};
}

TEST(ValuesScan, GoesIntoSubchartsByAlias) {
  EXPECT_THAT(
      shown(
          scan_files(with_subchart("{name: sub, version: 1.x, alias: s}", "s: {image: {tag: mine}}",
                                   "image: {repository: a/b, tag: theirs}\nimagePullSecrets: []"))),
      ElementsAre("+ docker.io/a/b:mine s.image joined V1", "secret s.imagePullSecrets list-map"));
}

TEST(ValuesScan, ForgetsATagThatTheParentTakesAway) {
  EXPECT_THAT(shown(scan_files(with_subchart("{name: sub, version: 1.x}", "sub: {image: {tag: ~}}",
                                             "image: {repository: a/b, tag: theirs}"))),
              ElementsAre("+ docker.io/a/b:1.1.1~ sub.image joined V1"));
}

TEST(ValuesScan, TellsWhatIsOptionalByConditionsAndTags) {
  const std::string inner = "image: {repository: a/b, tag: c}";
  const auto reason = [&](const std::string& dependency, const std::string& values) {
    return scan_files(with_subchart(dependency, values, inner)).images.at(0).optional;
  };
  EXPECT_EQ(reason("{name: sub, version: 1.x, condition: 'a.on,sub.on'}", "sub: {on: false}"),
            "sub.on is false");
  EXPECT_EQ(reason("{name: sub, version: 1.x, condition: 'a.on,sub.on'}",
                   "a: {on: true}\nsub: {on: false}"),
            "");
  EXPECT_EQ(reason("{name: sub, version: 1.x, tags: [t]}", "tags: {t: false}"), "tags.t is false");
}

TEST(ValuesScan, LooksAtGlobalsOnce) {
  EXPECT_THAT(shown(scan_files(
                  with_subchart("{name: sub, version: 1.x}",
                                "global: {image: {repository: g/g, tag: g}, imagePullSecrets: []}",
                                "global: {own: {image: o/o:o}}"))),
              ElementsAre("+ docker.io/g/g:g global.image joined V1",
                          "+ docker.io/o/o:o sub.global.own.image ref V6",
                          "secret global.imagePullSecrets list-map"));
}

TEST(ValuesScan, SaysWhichSubchartsAreMissing) {
  const Discovery found = scan_files(
      with_subchart("{name: sub, version: 2.x}\n- {name: off, version: 1.x, condition: off.on}",
                    "off: {on: false, image: a:b}", ""));
  ASSERT_EQ(found.report.size(), 2U);
  EXPECT_EQ(found.report[0].code, "subchart-missing");
  EXPECT_EQ(found.report[0].severity, Severity::kError);
  EXPECT_EQ(found.report[0].message,
            "the subchart 'sub' 2.x is not in charts/, which has 1.2.3; 'helm dependency build' "
            "fetches it");
  EXPECT_EQ(found.report[1].severity, Severity::kNote);
  EXPECT_THAT(found.images, IsEmpty());
}

TEST(ValuesScan, SaysWhichSubchartsTheLockHasInAnotherVersion) {
  Files files = with_subchart("{name: sub, version: 1.x}", "", "");
  files["Chart.lock"] =
      "dependencies: [{name: sub, version: 1.2.4}, {name: other, version: 1.0.0}]";
  EXPECT_EQ(scan_files(files).report.at(0).message, "charts/ has 'sub' 1.2.3, the lock says 1.2.4");
  files["Chart.lock"] = "dependencies: [{name: sub, version: 1.2.3}]";
  EXPECT_THAT(scan_files(files).report, IsEmpty());
}

TEST(ValuesScan, RefusesValuesThatAreNestedWithoutEnd) {
  std::string values;
  for (int i = 0; i < 101; ++i) values += "{a: ";
  values += "{image: b}" + std::string(101, '}');
  EXPECT_THAT([&] { scan(values); },
              test::ThrowsError(ErrorKind::kParse,
                                "values.yaml, line 1: values are nested more than 100 deep"));
}

// 10,000 images side by side: no work that grows with the square of them.
TEST(ValuesScan, TakesVeryManyImages) {
  std::string values;
  for (int i = 0; i < 10'000; ++i)
    values += "x" + std::to_string(i) + "Image: a/b\nx" + std::to_string(i) + "Tag: c\n";
  EXPECT_EQ(scan(values).size(), 10'000U);
}

TEST(ValuesScan, TakesChartsWithoutValues) {
  EXPECT_THAT(shown(scan_files({})), IsEmpty());
}

}  // namespace
}  // namespace tote::bundle::discover
