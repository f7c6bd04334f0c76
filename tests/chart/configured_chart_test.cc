#include "chart/configured_chart.h"

#include "base/codec/gzip_writer.h"
#include "tests/chart/chart_text.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::chart {
namespace {

using test::ThrowsError;
using Files = std::map<std::string, std::string, std::less<>>;

// Each use of a chart on a line: its place, "-" if it is left out and why, its values.
void show(const ConfiguredChart& chart, std::string& text) {
  text += chart.place + (chart.disabled.empty() ? "" : " - " + chart.disabled) + ": " +
          shown(*chart.values) + "\n";
  for (const MissingDependency& missing : chart.missing)
    text += chart.place + " lacks " + missing.dependency.key() +
            (missing.is_wanted ? "" : ", not wanted") +
            (missing.found.empty() ? "" : ", has " + missing.found) + "\n";
  for (const ConfiguredChart& inner : chart.subcharts) show(inner, text);
}

std::string configured(const Files& files, std::string_view user = "") {
  std::string text;
  show(configure_chart(chart_of(files), values(user)), text);
  return text;
}

Files parent(const std::string& dependency, const std::string& defaults) {
  return {{"Chart.yaml", chart_yaml("app", "dependencies:\n- " + dependency)},
          {"values.yaml", defaults},
          {"charts/sub/Chart.yaml", chart_yaml("sub")},
          {"charts/sub/values.yaml", "{a: 1, b: {c: 2}}"}};
}

TEST(ConfiguredChartTest, PutsTheParentsValuesOverThoseOfASubchart) {
  EXPECT_EQ(configured(parent("{name: sub, version: 1.x}", "{sub: {a: 5}}"), "{sub: {b: {d: 6}}}"),
            "app: {sub: {a: 5, b: {c: 2, d: 6}}}\n"
            "app/sub: {a: 5, b: {c: 2, d: 6}}\n");
}

TEST(ConfiguredChartTest, RemovesDefaultsOfASubchartByNull) {
  EXPECT_EQ(configured(parent("{name: sub, version: 1.x}", "{sub: {a: null}}")),
            "app: {sub: {b: {c: 2}}}\napp/sub: {b: {c: 2}}\n");
  EXPECT_EQ(configured(parent("{name: sub, version: 1.x}", ""), "{sub: {b: null}}"),
            "app: {sub: {a: 1}}\napp/sub: {a: 1}\n");
}

TEST(ConfiguredChartTest, HandsGlobalsDown) {
  EXPECT_EQ(configured(parent("{name: sub, version: 1.x}", "{global: {r: x}}")),
            "app: {global: {r: x}, sub: {a: 1, b: {c: 2}, global: {r: x}}}\n"
            "app/sub: {a: 1, b: {c: 2}, global: {r: x}}\n");
}

TEST(ConfiguredChartTest, KnowsSubchartsByAlias) {
  EXPECT_EQ(configured(parent(
                "{name: sub, version: 1.x, alias: one}\n- {name: sub, version: '*', alias: two}",
                "{one: {a: 7}, sub: {a: 8}}")),
            "app: {one: {a: 7, b: {c: 2}}, sub: {a: 8}, two: {a: 1, b: {c: 2}}}\n"
            "app/one: {a: 7, b: {c: 2}}\n"
            "app/two: {a: 1, b: {c: 2}}\n");
}

TEST(ConfiguredChartTest, UsesWhatNoDependencyNames) {
  EXPECT_EQ(
      configured({{"Chart.yaml", chart_yaml("app")}, {"charts/sub/Chart.yaml", chart_yaml("sub")}}),
      "app: {sub: {}}\napp/sub: {}\n");
}

struct EnabledCase {
  const char* dependency;
  const char* values;
  const char* reason;
};

class Enabled : public testing::TestWithParam<EnabledCase> {};

TEST_P(Enabled, FollowsConditionsAndTags) {
  const ConfiguredChart chart =
      configure_chart(chart_of(parent(GetParam().dependency, GetParam().values)), values(""));
  EXPECT_EQ(chart.subcharts.at(0).disabled, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Enabled,
    testing::Values(
        EnabledCase{"{name: sub, version: 1.x, condition: sub.on}", "{sub: {on: false}}",
                    "sub.on is false"},
        EnabledCase{"{name: sub, version: 1.x, condition: sub.on}", "{sub: {on: true}}", ""},
        EnabledCase{"{name: sub, version: 1.x, condition: sub.on}", "{}", ""},
        EnabledCase{"{name: sub, version: 1.x, condition: 'x.on,sub.on'}", "{sub: {on: false}}",
                    "sub.on is false"},
        EnabledCase{"{name: sub, version: 1.x, condition: 'x.on,sub.on'}",
                    "{x: {on: true}, sub: {on: false}}", ""},
        EnabledCase{"{name: sub, version: 1.x, condition: sub.on}", "{sub: {on: 'false'}}", ""},
        EnabledCase{"{name: sub, version: 1.x, tags: [t]}", "{tags: {t: false}}",
                    "tags.t is false"},
        EnabledCase{"{name: sub, version: 1.x, tags: [t, u]}", "{tags: {t: false, u: true}}", ""},
        EnabledCase{"{name: sub, version: 1.x, tags: [t]}", "{}", ""},
        EnabledCase{"{name: sub, version: 1.x, tags: [t], condition: sub.on}",
                    "{tags: {t: false}, sub: {on: true}}", ""},
        EnabledCase{"{name: sub, version: 1.x, tags: [t], condition: sub.on}",
                    "{tags: {t: true}, sub: {on: false}}", "sub.on is false"},
        EnabledCase{"{name: sub, version: 1.x, alias: z, condition: z.on}", "{z: {on: false}}",
                    "z.on is false"}));

TEST(ConfiguredChartTest, ReadsConditionsOfInnerChartsFromTheOutermost) {
  const Files files{
      {"Chart.yaml", chart_yaml("app")},
      {"values.yaml", "{mid: {low: {on: false}}}"},
      {"charts/mid/Chart.yaml",
       chart_yaml("mid", "dependencies: [{name: low, version: 1.x, condition: low.on}]")},
      {"charts/mid/charts/low/Chart.yaml", chart_yaml("low")}};
  EXPECT_EQ(configured(files),
            "app: {mid: {low: {on: false}}}\napp/mid: {low: {on: false}}\n"
            "app/mid/low - mid.low.on is false: {on: false}\n");
}

TEST(ConfiguredChartTest, NamesWhatIsMissing) {
  EXPECT_EQ(
      configured({{"Chart.yaml", chart_yaml("app",
                                            "dependencies: [{name: sub, version: 2.x}, {name: no, "
                                            "version: 1, condition: no.on}]")},
                  {"values.yaml", "{no: {on: false}}"},
                  {"charts/sub/Chart.yaml", chart_yaml("sub")}}),
      "app: {no: {on: false}, sub: {}}\napp lacks sub, has 1.2.3\napp lacks no, not "
      "wanted\napp/sub: {}\n");
}

TEST(ConfiguredChartTest, ImportsValuesBelowThoseOfTheParent) {
  EXPECT_EQ(
      configured(
          {{"Chart.yaml", chart_yaml("app",
                                     "dependencies: [{name: sub, version: 1.x, import-values: "
                                     "[data, {child: b, parent: x.y}]}]")},
           {"values.yaml", "{k: mine}"},
           {"charts/sub/Chart.yaml", chart_yaml("sub")},
           {"charts/sub/values.yaml", "{exports: {data: {k: theirs, l: 1}}, b: {c: 2}}"}}),
      "app: {x: {y: {c: 2}}, k: mine, l: 1, sub: {exports: {data: {k: theirs, l: 1}}, b: {c: "
      "2}}}\n"
      "app/sub: {exports: {data: {k: theirs, l: 1}}, b: {c: 2}}\n");
}

TEST(ConfiguredChartTest, RefusesValuesOfASubchartThatAreNone) {
  EXPECT_THAT(
      [] { configured(parent("{name: sub, version: 1.x}", "a: 1\nsub: text")); },
      ThrowsError(ErrorKind::kParse, "values.yaml, line 2: 'sub' are the values of a subchart"));
}

std::string packed(const std::vector<test::TarMember>& members) {
  StringSink out;
  GzipWriter writer(out);
  writer.write(as_bytes(test::make_tar(members)));
  writer.finish();
  return out.text();
}

TEST(ChartTest, HasSubchartsInArchives) {
  EXPECT_EQ(configured({{"Chart.yaml", chart_yaml("app")},
                        {"charts/sub-1.2.3.tgz", packed({{"sub/Chart.yaml", chart_yaml("sub")},
                                                         {"sub/values.yaml", "{a: 1}"}})},
                        {"charts/README.md", "notes"},
                        {"charts/_old/x", "x"}}),
            "app: {sub: {a: 1}}\napp/sub: {a: 1}\n");
}

TEST(ChartTest, OfVersionOneHasItsDependenciesBesideIt) {
  const ChartPtr chart =
      chart_of({{"Chart.yaml", "name: app\nversion: 1.0.0\n"},
                {"requirements.yaml", "dependencies: [{name: sub, version: 1.x}]"},
                {"requirements.lock", "dependencies: [{name: sub, version: 1.2.3}]"}});
  EXPECT_EQ(chart->metadata.dependencies.at(0).name, "sub");
  EXPECT_EQ(chart->locked.at(0).version, "1.2.3");
}

TEST(ChartTest, SaysWhatIsBroken) {
  EXPECT_THAT(
      [] {
        chart_of({{"values.yaml", ""}});
      },
      ThrowsError(ErrorKind::kParse,
                  "Reading chart 'test': it is no chart: there is no Chart.yaml"));
  EXPECT_THAT(
      [] {
        chart_of({{"Chart.yaml", chart_yaml("a")}, {"charts/b/values.yaml", ""}});
      },
      ThrowsError(ErrorKind::kParse, "'charts/b' is no chart"));
  EXPECT_THAT(
      [] {
        chart_of({{"Chart.yaml", chart_yaml("a")}, {"charts/b.tgz", "no archive"}});
      },
      ThrowsError(ErrorKind::kParse, "Reading chart 'charts/b.tgz'"));
  EXPECT_THAT(
      [] {
        chart_of({{"Chart.yaml", chart_yaml("a")},
                  {"charts/b/Chart.yaml", chart_yaml("b")},
                  {"charts/b/values.yaml", "a: 1\na: 2\n"}});
      },
      ThrowsError(ErrorKind::kParse, "charts/b/values.yaml, line 2: key \"a\" already set"));
}

TEST(ChartTest, IsNotNestedWithoutEnd) {
  Files files;
  std::string below;
  for (int i = 0; i < 21; ++i) {
    files[below + "Chart.yaml"] = chart_yaml("c");
    below += "charts/c/";
  }
  EXPECT_THAT([&] { chart_of(files); },
              ThrowsError(ErrorKind::kParse, "charts are more than 20 deep"));
}

TEST(ChartTest, IsNotUsedWithoutEnd) {
  std::string dependencies = "dependencies:\n";
  for (int i = 0; i < 40; ++i)
    dependencies += "- {name: c, version: '*', alias: c" + std::to_string(i) + "}\n";
  Files files;
  std::string below;
  for (int i = 0; i < 4; ++i) {
    files[below + "Chart.yaml"] = chart_yaml("c", dependencies);
    below += "charts/c/";
  }
  EXPECT_THAT([&] { configured(files); },
              ThrowsError(ErrorKind::kParse, "more than 1000 uses of charts"));
}

}  // namespace
}  // namespace tote::chart
