#include "bundle/discover/kbld_config.h"

#include "base/error.h"
#include "bundle/discover/manifest_scan.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHead = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n";
const std::string kDigest = "@sha256:" + std::string(64, 'a');

ManifestScan scan_with(const std::string& config, std::string_view text) {
  return scan_manifests(text, "m.yaml", KbldConfig::read(config, "kbld.yaml"));
}

struct RuleCase {
  const char* what;
  const char* rules;
  const char* text;
  std::vector<std::string> images;
};

class KbldRules : public testing::TestWithParam<RuleCase> {};

TEST_P(KbldRules, SayWhatIsAnImage) {
  const ManifestScan scan =
      scan_with(std::string(kHead) + "searchRules:\n" + GetParam().rules, GetParam().text);
  EXPECT_EQ(texts_of(scan.discovery().images), GetParam().images) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Matchers, KbldRules,
    testing::Values(RuleCase{"a key",
                             "- keyMatcher: {name: side}",
                             "{a: {side: nginx}}",
                             {"docker.io/library/nginx kbld high"}},
                    RuleCase{"kbld's own rule is there too",
                             "- keyMatcher: {name: side}",
                             "{a: {image: nginx}}",
                             {"docker.io/library/nginx kbld high"}},
                    RuleCase{"a value",
                             "- valueMatcher: {image: 'nginx:1'}",
                             "{a: 'nginx:1', b: 'nginx:2'}",
                             {"docker.io/library/nginx:1 kbld high"}},
                    RuleCase{"a repository",
                             "- valueMatcher: {imageRepo: nginx}",
                             "{a: 'nginx:1', b: [nginx], c: 'x/nginx:2'}",
                             {"docker.io/library/nginx kbld high",
                              "docker.io/library/nginx:1 kbld high"}},
                    RuleCase{"a key and a repository",
                             "- {keyMatcher: {name: a}, valueMatcher: {imageRepo: nginx}}",
                             "{a: 'nginx:1', b: 'nginx:2', c: {a: other}}",
                             {"docker.io/library/nginx:1 kbld high"}},
                    RuleCase{"a path",
                             "- keyMatcher: {path: [spec, {allIndexes: true}, x, {index: 1}]}",
                             "{spec: [{x: [a, b]}, {x: [c, d]}], x: [e, f]}",
                             {"docker.io/library/b kbld high", "docker.io/library/d kbld high"}},
                    RuleCase{"none, which comes first",
                             "- {valueMatcher: {image: 'q.io/a:1'}, updateStrategy: {none: {}}}",
                             "{image: 'q.io/a:1', b: {image: 'q.io/b:1'}}",
                             {"q.io/b:1 kbld high"}}));

INSTANTIATE_TEST_SUITE_P(
    Strategies, KbldRules,
    testing::Values(
        RuleCase{
            "JSON",
            "- {keyMatcher: {name: d}, updateStrategy: {json: {searchRules: [{keyMatcher: {name: "
            "img}}]}}}",
            R"({d: '{"img":"a","x":{"img":"b:1"}}', img: c})",
            {"docker.io/library/a kbld high", "docker.io/library/b:1 kbld high"}},
        RuleCase{
            "YAML in YAML",
            "- {keyMatcher: {name: d}, updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: "
            "e}, updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: f}}]}}}]}}}",
            "d: |\n  e: |\n    f: nginx\n    g: other\n",
            {"docker.io/library/nginx kbld high"}},
        RuleCase{
            "what is no YAML",
            "- {keyMatcher: {name: d}, updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: "
            "e}}]}}}",
            "d: '{{ e: nginx'",
            {}}));

TEST(KbldOverrides, ChangeWhatWasFound) {
  const std::string config = std::string(kHead) +
                             "overrides:\n"
                             "- {image: app, newImage: 'r.io/app:1'}\n"
                             "- {imageRepo: web, newImage: 'r.io/web" +
                             kDigest + "', preresolved: true}\n";
  const ManifestScan scan =
      scan_with(config, "[{image: app}, {image: 'web:3'}, {image: 'other:1'}, {image: 'app:1'}]");
  EXPECT_THAT(
      texts_of(scan.discovery().images),
      ElementsAre("docker.io/library/app:1 kbld high", "docker.io/library/other:1 kbld high",
                  "r.io/app:1 kbld high", "r.io/web" + kDigest + " kbld high"));
  EXPECT_EQ(scan.images[0].found.original, "app");
  EXPECT_EQ(scan.images[0].written.str(), "docker.io/library/app");
}

TEST(KbldOverrides, ComeFromOlderKindsAndFromLocksToo) {
  const std::string config =
      "apiVersion: kbld.k14s.io/v1alpha1\nkind: ImageOverrides\n"
      "overrides: [{image: a, newImage: 'r.io/a:1'}]\n"
      "---\napiVersion: kbld.k14s.io/v1alpha1\nkind: ImageKeys\nkeys: [sidecar]\n"
      "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n"
      "- {image: 'r.io/b" +
      kDigest + "', annotations: {kbld.carvel.dev/id: 'b:2'}}\n";
  const ManifestScan scan = scan_with(config, "[{image: a}, {sidecar: 'b:2'}]");
  EXPECT_THAT(texts_of(scan.discovery().images),
              ElementsAre("r.io/a:1 kbld high", "r.io/b" + kDigest + " kbld high"));
}

TEST(KbldOverrides, ThatNeedKbldAreReported) {
  const ManifestScan scan =
      scan_with(std::string(kHead) +
                    "sources: [{image: built, path: .}]\n"
                    "overrides:\n- {image: ranged, newImage: r.io/a, tagSelection: {semver: {}}}\n"
                    "- {image: chosen, newImage: 'r.io/b:1', platformSelection: {os: linux}}\n",
                "[{image: built}, {image: ranged}, {image: chosen}]");
  ASSERT_EQ(scan.unresolved.size(), 2U);
  EXPECT_EQ(scan.unresolved[0].code, "built-image");
  EXPECT_EQ(scan.unresolved[1].code, "tag-selection");
  ASSERT_EQ(scan.report.size(), 1U);
  EXPECT_EQ(scan.report[0].code, "platform-selection");
  EXPECT_THAT(texts_of(scan.discovery().images), ElementsAre("r.io/b:1 kbld high"));
}

TEST(KbldAnnotations, SayWhatReferencesWereBefore) {
  for (const char* annotation :
       {"      - origins:\n        - resolved: {tag: 1.14.2, url: 'nginx:1.14.2'}\n        url: ",
        "      - Metas:\n        - {Type: resolved, Tag: 1.14.2, URL: nginx}\n        URL: "}) {
    const std::string reference = "index.docker.io/library/nginx" + kDigest;
    const ManifestScan scan =
        scan_manifests("kind: X\nmetadata:\n  annotations:\n    kbld.k14s.io/images: |\n" +
                           std::string(annotation) + reference + "\nspec: {image: '" + reference +
                           "', other: {image: 'r.io/b:1'}}\n",
                       "m.yaml");
    ASSERT_EQ(scan.images.size(), 2U);
    EXPECT_EQ(scan.images[0].found.original, "nginx:1.14.2");
    EXPECT_EQ(scan.images[1].found.original, "");
  }
}

class BadKbldConfig : public testing::TestWithParam<const char*> {};

TEST_P(BadKbldConfig, IsRefusedWithItsLine) {
  try {
    KbldConfig::read(std::string(kHead) + GetParam(), "kbld.yaml");
    ADD_FAILURE() << GetParam();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), HasSubstr("kbld.yaml, line 3")) << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Configs, BadKbldConfig,
    testing::Values("searchRules: [{}]", "searchRules: [{keyMatcher: {}}]",
                    "searchRules: [{keyMatcher: {x: 1}}]", "searchRules: [{valueMatcher: {x: 1}}]",
                    "searchRules: [{keyMatcher: {path: [{index: x}]}}]",
                    "searchRules: [{keyMatcher: {path: [{}]}}]",
                    "searchRules: [{keyMatcher: {name: a}, updateStrategy: {x: {}}}]",
                    "overrides: [{newImage: a}]", "overrides: [{image: a}]",
                    "sources: [{path: .}]"));

}  // namespace
}  // namespace tote::bundle::discover
