// Small charts that are written like real ones, and everything that is found in each.
#include "base/text.h"
#include "bundle/discover/values_scan.h"
#include "tests/discover/shown_discovery.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

using testing::UnorderedElementsAreArray;

Discovery scan(const std::string& name, const chart::UserValues& user = {}) {
  const auto chart = chart::load_chart(std::string(TOTE_TEST_DATA) + "/charts/" + name + "/chart");
  return scan_values(chart::configure_chart(chart, chart::read_user_values(user)));
}

std::vector<std::string> expected(const std::string& name) {
  std::vector<std::string> lines;
  for (const std::string& line : split(test::read_data("charts/" + name + "/expected.txt"), '\n'))
    if (!line.empty() && !line.starts_with("#")) lines.push_back(line);
  return lines;
}

class ChartCases : public testing::TestWithParam<const char*> {};

TEST_P(ChartCases, HaveTheseImagesAndNoOthers) {
  EXPECT_THAT(shown(scan(GetParam())), UnorderedElementsAreArray(expected(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Charts, ChartCases,
                         testing::Values("t01-cert-manager", "t02-kube-prometheus-stack",
                                         "t03-argo-cd", "t04-loki", "t05-postgresql",
                                         "t06-redis-operator", "t07-traefik", "t07b-traefik",
                                         "t08-gatekeeper", "t09-kyverno",
                                         "t10-strimzi-kafka-operator", "t11-eck-operator",
                                         "t12-prometheus", "t13-nifikop", "t14-cloudnative-pg"));

using testing::AnyOf;
using testing::Contains;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> scanned(const std::string& name, const std::string& values) {
  return shown(scan(name, {.files = {{"my.yaml", values}}}));
}

TEST(ChartVariants, CertManagerTakesARepositoryAsAWhole) {
  const auto lines = scanned("t01-cert-manager", "image: {repository: my.io/x/ctl}");
  EXPECT_THAT(lines, Contains("+ my.io/x/ctl:v1.20.3~ image named V2"));
  EXPECT_THAT(lines,
              Contains("+ quay.io/jetstack/cert-manager-webhook:v1.20.3~ webhook.image named V2"));
  EXPECT_THAT(scanned("t01-cert-manager", "image: {repository: x/ctl}"),
              Contains("+ docker.io/x/ctl:v1.20.3~ image named V2"));
}

TEST(ChartVariants, AGlobalRegistryMovesEverything) {
  for (const std::string& line :
       scanned("t02-kube-prometheus-stack", "global: {imageRegistry: r.io}"))
    EXPECT_THAT(line, AnyOf(Not(StartsWith("+ ")), StartsWith("+ r.io/")));
  EXPECT_THAT(scanned("t05-postgresql", "global: {imageRegistry: r.io}"),
              Contains("+ r.io/bitnami/postgresql:17.6.0-debian-12-r4 image split V1"));
}

TEST(ChartVariants, SubchartsAreSwitchedOnAndOff) {
  const auto on = scanned("t02-kube-prometheus-stack",
                          "windowsMonitoring: {enabled: true}\ngrafana: {enabled: false}");
  EXPECT_THAT(on, Contains("+ ghcr.io/prometheus-community/windows-exporter:0.31.6~ "
                           "prometheus-windows-exporter.image split V1"));
  EXPECT_THAT(on, Contains("- docker.io/grafana/grafana:12.4.3~ grafana.image split V1"));
}

TEST(ChartVariants, ArgoCdInheritsEightTimes) {
  EXPECT_THAT(
      inherited(scan("t03-argo-cd")),
      UnorderedElementsAreArray({"controller.image", "server.image", "repoServer.image",
                                 "applicationSet.image", "notifications.image",
                                 "commitServer.image", "redisSecretInit.image", "dex.initImage"}));
}

TEST(ChartVariants, LokiInheritsInEighteenComponents) {
  EXPECT_THAT(inherited(scan("t04-loki")), SizeIs(18));
}

TEST(ChartVariants, RedisOperatorHasTwoTags) {
  const auto lines = scanned("t06-redis-operator", "redisOperator: {imageTag: 0.23.0}");
  EXPECT_THAT(
      lines,
      Contains("+ quay.io/opstree/redis-operator:0.23.0 redisOperator.imageName name-tag V4"));
  EXPECT_THAT(lines, Contains("+ quay.io/opstree/redis-operator:v0.24.0 "
                              "redisOperator.initContainerImageTag name-tag V4"));
}

TEST(ChartVariants, ModifiersAreReported) {
  EXPECT_THAT(scanned("t11-eck-operator", "image: {fips: true}"),
              Contains("note image-modifier image.fips"));
  EXPECT_THAT(scanned("t11-eck-operator", "config: {ubiOnly: true}"),
              Contains("note image-modifier config.ubiOnly"));
  EXPECT_THAT(scanned("t11-eck-operator", "config: {fips: true}"),
              Not(Contains("note image-modifier config.fips")))
      << "no image uses it";
  EXPECT_THAT(scanned("t12-prometheus", "server: {image: {distroless: true}}"),
              Contains("note image-modifier server.image.distroless"));
}

TEST(ChartVariants, KyvernosOwnRegistriesStay) {
  const auto lines = scanned("t09-kyverno", "global: {image: {registry: r.io}}");
  EXPECT_THAT(
      lines,
      Contains("+ r.io/kyverno/kyverno:v1.18.0~ admissionController.container.image split V1"));
  EXPECT_THAT(lines, Contains("+ ghcr.io/kyverno/readiness-checker:v1.18.0~ test.image split V1"));
  EXPECT_THAT(lines, Contains("note registry-order test.image.registry"));
}

TEST(ChartVariants, TheCertaintyOfAVersionFromElsewhereIsLow) {
  for (const FoundImage& image : scan("t09-kyverno").images)
    EXPECT_EQ(image.certainty, image.path[0] == "crds" ? Certainty::kLow : Certainty::kMedium);
  EXPECT_EQ(scan("t13-nifikop").images.at(0).certainty, Certainty::kHigh);
}

TEST(ChartVariants, AnAliasDecidesTheKey) {
  EXPECT_EQ(scan("t04-loki").images.back().chart, "loki/rollout_operator");
  EXPECT_THAT(scan("t04-loki").images.back().optional, "rollout_operator.enabled is false");
}

}  // namespace
}  // namespace tote::bundle::discover
