// Charts as one file, and what registries get beside it.
#include "chart/chart_package.h"

#include "base/codec/gzip_writer.h"
#include "base/error.h"
#include "chart/helm_config.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote::chart {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string gzipped(const std::string& text) {
  StringSink out;
  GzipWriter gzip(out);
  gzip.write(as_bytes(text));
  gzip.finish();
  return out.text();
}

std::string config_of(const std::string& chart_yaml, const std::string& requirements = {}) {
  ChartFiles files{"test", {{"Chart.yaml", chart_yaml}}};
  if (!requirements.empty()) files.files["requirements.yaml"] = requirements;
  ChartBudget budget;
  return encode_helm_config(*load_chart(std::move(files), budget));
}

class ChartPackageTest : public testing::Test {
 protected:
  ChartPackageTest() {
    test::write_text(dir_ / "here/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3+b1\n");
    test::write_text(dir_ / "here/templates/z.yaml", "kind: Z\n");
    test::write_text(dir_ / "here/templates/a.yaml", "kind: A\n");
    test::write_text(dir_ / "here/old.bak", "old");
    test::write_text(dir_ / "here/.helmignore", "*.bak\n");
  }
  test::TempDir dir_;
};

TEST_F(ChartPackageTest, ADirectoryGivesTheSameBytesEveryTime) {
  const ChartPackage package = package_chart(dir_ / "here");
  EXPECT_EQ(package.file_name(), "web-1.2.3+b1.tgz");
  // Another time, mode and directory.
  std::filesystem::copy(dir_ / "here", dir_ / "there", std::filesystem::copy_options::recursive);
  std::filesystem::permissions(dir_ / "there/Chart.yaml", std::filesystem::perms::owner_all);
  std::filesystem::last_write_time(dir_ / "there/Chart.yaml", {});
  EXPECT_EQ(package_chart(dir_ / "there").bytes, package.bytes);

  BytesSource bytes(package.bytes);
  ChartBudget budget;
  std::vector<std::string> names;
  for (const auto& [name, content] : read_chart_archive(bytes, "it", budget).files)
    names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre(".helmignore", "Chart.yaml", "templates/a.yaml", "templates/z.yaml"));
}

TEST_F(ChartPackageTest, AnArchiveIsTakenAsItIsWithItsProvenance) {
  const std::string bytes =
      gzipped(test::make_tar({{"x/Chart.yaml", "apiVersion: v1\nname: web\nversion: v1.2\n"}}));
  test::write_text(dir_ / "x.tgz", bytes);
  EXPECT_EQ(package_chart(dir_ / "x.tgz").bytes, bytes);
  EXPECT_EQ(package_chart(dir_ / "x.tgz").provenance, "");
  test::write_text(dir_ / "x.tgz.prov", "signed");
  EXPECT_EQ(package_chart(dir_ / "x.tgz").provenance, "signed");
}

TEST_F(ChartPackageTest, WhatIsNoChartIsRefused) {
  const std::string metadata = "apiVersion: v2\nname: web\nversion: 1.2.3\n";
  struct Row {
    std::string bytes;
    const char* complaint;
  };
  for (const Row& row : {
           Row{"text", "it is not compressed by gzip"},
           Row{test::make_tar({{"web/Chart.yaml", metadata}}), "it is not compressed by gzip"},
           Row{gzipped(test::make_tar({{"web/values.yaml", "a: 1"}})), "there is no Chart.yaml"},
           Row{gzipped(test::make_tar({{"web/Chart.yaml", "name: web\n"}})), "has no 'version'"},
           Row{gzipped(test::make_tar({{"web/Chart.yaml", metadata}, {"web/../../x", "y"}})),
               "leads out of the chart"},
           Row{gzipped(test::make_tar({{"web/Chart.yaml", metadata}, {"/etc/x", "y"}})),
               "is an absolute path"},
           Row{gzipped(test::make_tar(
                   {{"web/Chart.yaml", metadata}, {"web/x", "", '2', 0644, "/etc/passwd"}})),
               "is neither a file nor a directory"},
       }) {
    test::write_text(dir_ / "x.tgz", row.bytes);
    try {
      package_chart(dir_ / "x.tgz");
      ADD_FAILURE() << row.complaint;
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr(row.complaint));
    }
  }
}

// As Helm 3 encodes its struct of Chart.yaml.
TEST(HelmConfig, HasHelmsMembersInHelmsOrder) {
  EXPECT_EQ(config_of("name: web\nversion: 1.0.0\n"),
            R"({"name":"web","version":"1.0.0","apiVersion":"v1"})");
  EXPECT_EQ(
      config_of("type: application\nkubeVersion: '>=1.20-0'\nannotations: {b: x, a: \"1\"}\n"
                "deprecated: true\nappVersion: \"1.10\"\ntags: t\ncondition: c\nicon: i\n"
                "maintainers: [{name: N, email: e@x, url: u}]\nkeywords: [k]\n"
                "description: \"one\\ntwo\\u200b <b>\"\nsources: [s]\nhome: h\n"
                "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
      R"({"name":"web","home":"h","sources":["s"],"version":"1.0.0","description":"one two \u003cb\u003e",)"
      R"("keywords":["k"],"maintainers":[{"name":"N","email":"e@x","url":"u"}],"icon":"i",)"
      R"("apiVersion":"v2","condition":"c","tags":"t","appVersion":"1.10","deprecated":true,)"
      R"("annotations":{"a":"1","b":"x"},"kubeVersion":"\u003e=1.20-0","type":"application"})");
}

TEST(HelmConfig, KeepsDependenciesAsTheyAreWritten) {
  const std::string dependencies =
      "dependencies:\n- name: db\n  version: ^1\n  condition: db.on\n  tags: [a]\n  alias: store\n"
      "  import-values: [data, {parent: p, child: c}]\n- name: lib\n  repository: file://x\n";
  const std::string encoded =
      R"("dependencies":[{"name":"db","version":"^1","repository":"","condition":"db.on","tags":["a"],)"
      R"("import-values":["data",{"child":"c","parent":"p"}],"alias":"store"},)"
      R"({"name":"lib","repository":"file://x"}])";
  EXPECT_EQ(config_of("apiVersion: v2\nname: web\nversion: 1.0.0\n" + dependencies),
            R"({"name":"web","version":"1.0.0","apiVersion":"v2",)" + encoded + "}");
  EXPECT_EQ(config_of("apiVersion: v1\nname: web\nversion: 1.0.0\n", dependencies),
            R"({"name":"web","version":"1.0.0","apiVersion":"v1",)" + encoded + "}");
}

}  // namespace
}  // namespace tote::chart
