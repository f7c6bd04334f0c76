#include "chart/chart_metadata.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::chart {
namespace {

using test::ThrowsError;
using testing::ElementsAre;

TEST(ChartMetadataTest, HasEverythingThatHelmKnows) {
  const ChartMetadata metadata = parse_chart_metadata(R"(
apiVersion: v2
name: app
version: 1.2.3
appVersion: "3.4"
kubeVersion: ">=1.25"
type: library
description: An app
home: https://app.example
icon: https://app.example/icon.svg
deprecated: true
keywords: [a, b]
sources: [https://src.example]
maintainers:
  - {name: Ann, email: ann@app.example, url: https://ann.example}
annotations:
  images: |
    - image: a
unknown: {a: 1}
dependencies:
  - name: db
    version: 1.x
    repository: https://charts.example
    alias: store
    condition: store.enabled,db.enabled
    tags: [back]
    import-values:
      - data
      - {child: a.b, parent: c}
)",
                                                      "Chart.yaml");
  EXPECT_EQ(metadata.name, "app");
  EXPECT_EQ(metadata.app_version, "3.4");
  EXPECT_TRUE(metadata.is_library());
  EXPECT_TRUE(metadata.is_deprecated);
  EXPECT_THAT(metadata.keywords, ElementsAre("a", "b"));
  EXPECT_EQ(metadata.maintainers.at(0).email, "ann@app.example");
  EXPECT_EQ(*metadata.annotation("images"), "- image: a\n");
  EXPECT_EQ(metadata.annotation("none"), nullptr);
  const Dependency& dependency = metadata.dependencies.at(0);
  EXPECT_EQ(dependency.key(), "store");
  EXPECT_EQ(dependency.where, "Chart.yaml, line 21");
  EXPECT_EQ(dependency.imports.at(0).child, "exports.data");
  EXPECT_EQ(dependency.imports.at(0).parent, ".");
  EXPECT_EQ(dependency.imports.at(1).parent, "c");
}

TEST(ChartMetadataTest, ReadsNumbersAsHelmDoes) {
  const auto app_version = [](const std::string& text) {
    return parse_chart_metadata("name: a\nversion: 1\nappVersion: " + text, "Chart.yaml")
        .app_version;
  };
  EXPECT_EQ(app_version("9"), "9");
  EXPECT_EQ(app_version("1.10"), "1.1");
  EXPECT_EQ(app_version("'1.10'"), "1.10");
  EXPECT_EQ(app_version("0x10"), "16");
  EXPECT_EQ(app_version("1_0.5"), "10.5");
  EXPECT_EQ(app_version("2.0"), "2");
  EXPECT_EQ(app_version("~"), "");
}

struct BrokenCase {
  const char* text;
  const char* complaint;
};

class BrokenMetadata : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenMetadata, IsRefusedWithTheLine) {
  EXPECT_THAT([] { parse_chart_metadata(GetParam().text, "Chart.yaml"); },
              ThrowsError(ErrorKind::kParse, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BrokenMetadata,
    testing::Values(
        BrokenCase{"version: 1.0.0", "Chart.yaml, line 1: the chart has no 'name'"},
        BrokenCase{"name: a", "Chart.yaml, line 1: the chart has no 'version'"},
        BrokenCase{"name: a\nversion: one", "Chart.yaml, line 2: 'one' is no semantic version"},
        BrokenCase{"version: 1\nname: ../a",
                   "Chart.yaml, line 2: '../a' can not be the name of a chart"},
        BrokenCase{"name: [a]\nversion: 1", "Chart.yaml, line 1: 'name' is to be text"},
        BrokenCase{"name: a\nversion: 1\ntype: x", "line 3: got the type 'x'"},
        BrokenCase{"name: a\nversion: 1\nkeywords: x", "line 3: 'keywords' is to be a list"},
        BrokenCase{"name: a\nversion: 1\nannotations: [x]",
                   "line 3: 'annotations' is to be a mapping"},
        BrokenCase{"name: a\nversion: 1\ndependencies:\n- x", "line 4: what 'dependencies' lists"},
        BrokenCase{"name: a\nversion: 1\ndependencies:\n- version: 1",
                   "line 4: a dependency has no name"},
        BrokenCase{"name: a\nversion: 1\ndependencies:\n- {name: b, alias: c/d}",
                   "'c/d' can not be"},
        BrokenCase{"name: a\nversion: 1\ndependencies:\n- {name: b, import-values: [{child: x}]}",
                   "line 4: 'import-values' names"},
        BrokenCase{"name: a\nname: b\nversion: 1", "line 2: key \"name\" already set in map"},
        BrokenCase{"- a", "Chart.yaml, line 1: values of a chart are a mapping"},
        BrokenCase{"name: a\n  version: 1", "Chart.yaml, line 2: "}));

TEST(ChartMetadataTest, KnowsTheFilesBesideIt) {
  EXPECT_EQ(parse_requirements("dependencies: [{name: a, version: 1.x}]", "f").at(0).version,
            "1.x");
  EXPECT_EQ(
      parse_chart_lock("dependencies: [{name: a, version: 1.2.3}]\ndigest: x", "f").at(0).version,
      "1.2.3");
  EXPECT_TRUE(parse_requirements("", "f").empty());
}

}  // namespace
}  // namespace tote::chart
