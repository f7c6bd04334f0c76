// The charts of tests/data/charts as they are rendered: every image of each, what becomes of the
// images among their values, and their references replaced.
#include "bundle/discover/chart_annotations.h"
#include "bundle/discover/combine.h"
#include "bundle/discover/manifest_scan.h"
#include "bundle/discover/rewrite.h"
#include "bundle/discover/values_scan.h"
#include "chart/user_values.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace tote::bundle::discover {
namespace {

using testing::Contains;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAreArray;

struct RenderedCase {
  const char* chart;
  const char* file;
  std::vector<std::string> needed;         // sorted
  std::vector<std::string> optional = {};  // for tests only
};

std::string text_of(const RenderedCase& param) {
  return test::read_data(std::string("charts/") + param.chart + "/" + param.file);
}

std::vector<std::string> names_in(const ManifestScan& scan, bool is_needed) {
  std::set<std::string> names;
  for (const SeenImage& image : scan.images)
    if (image.found.optional.empty() == is_needed)
      names.insert(image.found.candidates.front().str());
  return {names.begin(), names.end()};
}

std::vector<std::string> names_of(const std::vector<CombinedImage>& images) {
  std::vector<std::string> names;
  for (const CombinedImage& image : images) names.push_back(image.name.str());
  return names;
}

Discovery values_of(const std::string& chart) {
  const auto loaded =
      chart::load_chart(std::string(TOTE_TEST_DATA) + "/charts/" + chart + "/chart");
  return scan_values(chart::configure_chart(loaded, chart::read_user_values({})));
}

class RenderedCharts : public testing::TestWithParam<RenderedCase> {};

TEST_P(RenderedCharts, NameTheseImagesAndNoOthers) {
  const ManifestScan scan = scan_manifests(text_of(GetParam()), GetParam().file);
  EXPECT_THAT(names_in(scan, true), ElementsAreArray(GetParam().needed));
  EXPECT_THAT(names_in(scan, false), ElementsAreArray(GetParam().optional));
  EXPECT_THAT(scan.unresolved, IsEmpty());
  EXPECT_THAT(scan.report, IsEmpty());
}

TEST_P(RenderedCharts, HaveAllTheirImagesAtAnotherPlaceOnceTheyAreRewritten) {
  const std::string text = text_of(GetParam());
  const Rewritten rewritten = rewrite_manifests(
      text, "m.yaml", scan_manifests(text, "m.yaml"), [](const FoundImage& image) {
        const ImageName& name = image.candidates.front();
        return ImageName{"new.example", name.registry + "/" + name.repository, name.tag, ""};
      });
  const ManifestScan scan = scan_manifests(rewritten.text, "m.yaml");
  for (const std::string& name : names_in(scan, true))
    EXPECT_THAT(name, StartsWith("new.example/"));
  EXPECT_EQ(names_in(scan, true).size(), GetParam().needed.size());
}

TEST_P(RenderedCharts, DecideWhatIsNeededOfTheValues) {
  if (std::string(GetParam().file) != "rendered.yaml") return;
  const Discovery values = values_of(GetParam().chart);
  const Combined combined = combine(
      {values, scan_manifests(text_of(GetParam()), "m.yaml").discovery()}, {.is_rendered = true});
  EXPECT_THAT(names_of(combined.chosen), UnorderedElementsAreArray(GetParam().needed));
  EXPECT_THAT(combined.unresolved, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    OfServices, RenderedCharts,
    testing::Values(
        RenderedCase{"t01-cert-manager",
                     "rendered.yaml",
                     {"quay.io/jetstack/cert-manager-acmesolver:v1.20.3",
                      "quay.io/jetstack/cert-manager-cainjector:v1.20.3",
                      "quay.io/jetstack/cert-manager-controller:v1.20.3",
                      "quay.io/jetstack/cert-manager-startupapicheck:v1.20.3",
                      "quay.io/jetstack/cert-manager-webhook:v1.20.3"}},
        RenderedCase{"t03-argo-cd",
                     "rendered.yaml",
                     {"ecr-public.aws.com/docker/library/redis:8.2.3-alpine",
                      "ghcr.io/dexidp/dex:v2.45.1", "quay.io/argoproj/argocd:v3.3.7"}},
        RenderedCase{"t05-postgresql",
                     "rendered.yaml",
                     {"docker.io/bitnami/postgresql:17.6.0-debian-12-r4"}},
        RenderedCase{"t07-traefik", "rendered.yaml", {"docker.io/library/traefik:v3.6.13"}},
        RenderedCase{"t07b-traefik", "rendered.yaml", {"docker.io/library/traefik:v3.7.11"}},
        RenderedCase{"t08-gatekeeper",
                     "rendered.yaml",
                     {"docker.io/curlimages/curl:8.12.0",
                      "docker.io/openpolicyagent/gatekeeper-crds:v3.22.2",
                      "docker.io/openpolicyagent/gatekeeper:v3.22.2"}},
        RenderedCase{
            "t09-kyverno",
            "rendered.yaml",
            {"reg.kyverno.io/kyverno/background-controller:v1.18.0",
             "reg.kyverno.io/kyverno/cleanup-controller:v1.18.0",
             "reg.kyverno.io/kyverno/kyverno-cli:v1.18.0", "reg.kyverno.io/kyverno/kyverno:v1.18.0",
             "reg.kyverno.io/kyverno/kyvernopre:v1.18.0",
             "reg.kyverno.io/kyverno/reports-controller:v1.18.0"},
            {"ghcr.io/kyverno/readiness-checker:latest"}},
        RenderedCase{"t09-kyverno",
                     "rendered-registry.yaml",
                     {"r.io/kyverno/background-controller:v1.18.0",
                      "r.io/kyverno/cleanup-controller:v1.18.0", "r.io/kyverno/kyverno-cli:v1.18.0",
                      "r.io/kyverno/kyverno:v1.18.0", "r.io/kyverno/kyvernopre:v1.18.0",
                      "r.io/kyverno/reports-controller:v1.18.0"},
                     {"ghcr.io/kyverno/readiness-checker:latest"}}));

INSTANTIATE_TEST_SUITE_P(
    OfMonitoring, RenderedCharts,
    testing::Values(
        RenderedCase{
            "t02-kube-prometheus-stack",
            "rendered.yaml",
            {"docker.io/grafana/grafana:12.4.3", "ghcr.io/jkroepke/kube-webhook-certgen:1.8.1",
             "quay.io/kiwigrid/k8s-sidecar:2.6.0",
             "quay.io/prometheus-operator/prometheus-config-reloader:v0.90.1",
             "quay.io/prometheus-operator/prometheus-operator:v0.90.1",
             "quay.io/prometheus/alertmanager:v0.32.0", "quay.io/prometheus/node-exporter:v1.11.1",
             "quay.io/prometheus/prometheus:v3.11.2", "quay.io/thanos/thanos:v0.41.0",
             "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0"},
            {"docker.io/bats/bats:1.13.0"}},
        RenderedCase{
            "t02-kube-prometheus-stack",
            "rendered-registry.yaml",
            {"r.io/grafana/grafana:12.4.3", "r.io/jkroepke/kube-webhook-certgen:1.8.1",
             "r.io/kiwigrid/k8s-sidecar:2.6.0",
             "r.io/kube-state-metrics/kube-state-metrics:v2.18.0",
             "r.io/prometheus-operator/prometheus-config-reloader:v0.90.1",
             "r.io/prometheus-operator/prometheus-operator:v0.90.1",
             "r.io/prometheus/alertmanager:v0.32.0", "r.io/prometheus/node-exporter:v1.11.1",
             "r.io/prometheus/prometheus:v3.11.2", "r.io/thanos/thanos:v0.41.0"},
            {"r.io/bats/bats:1.13.0"}},
        RenderedCase{
            "t12-prometheus",
            "rendered.yaml",
            {"quay.io/prometheus-operator/prometheus-config-reloader:v0.90.1",
             "quay.io/prometheus/alertmanager:v0.32.1", "quay.io/prometheus/node-exporter:v1.11.1",
             "quay.io/prometheus/prometheus:v3.11.2", "quay.io/prometheus/pushgateway:v1.11.3",
             "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0"}},
        RenderedCase{
            "t12-prometheus",
            "rendered-distroless.yaml",
            {"quay.io/prometheus-operator/prometheus-config-reloader:v0.90.1",
             "quay.io/prometheus/alertmanager:v0.32.1", "quay.io/prometheus/node-exporter:v1.11.1",
             "quay.io/prometheus/prometheus:v3.11.2-distroless",
             "quay.io/prometheus/pushgateway:v1.11.3",
             "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0"},
            {"docker.io/library/busybox"}}));

INSTANTIATE_TEST_SUITE_P(
    OfOperators, RenderedCharts,
    testing::Values(
        RenderedCase{
            "t06-redis-operator", "rendered.yaml", {"quay.io/opstree/redis-operator:v0.24.0"}},
        RenderedCase{
            "t10-strimzi-kafka-operator",
            "rendered.yaml",
            {"quay.io/strimzi/buildah:0.51.0", "quay.io/strimzi/kafka-bridge:0.33.1",
             "quay.io/strimzi/kafka:0.51.0-kafka-4.1.0", "quay.io/strimzi/kafka:0.51.0-kafka-4.1.1",
             "quay.io/strimzi/kafka:0.51.0-kafka-4.2.0", "quay.io/strimzi/kaniko-executor:0.51.0",
             "quay.io/strimzi/maven-builder:0.51.0", "quay.io/strimzi/operator:0.51.0"}},
        RenderedCase{
            "t11-eck-operator", "rendered.yaml", {"docker.elastic.co/eck/eck-operator:3.3.2"}},
        RenderedCase{"t11-eck-operator",
                     "rendered-fips.yaml",
                     {"docker.elastic.co/eck/eck-operator-fips:3.3.2"}},
        RenderedCase{"t13-nifikop",
                     "rendered.yaml",
                     {"ghcr.io/konpyutaika/docker-images/nifikop:v1.17.0-release"}},
        RenderedCase{"t14-cloudnative-pg",
                     "rendered.yaml",
                     {"ghcr.io/cloudnative-pg/cloudnative-pg:1.29.0"}}));

Combined combined_case(const std::string& chart, bool is_rendered) {
  const std::string place = "charts/" + chart + "/chart";
  std::vector<Discovery> found{
      values_of(chart),
      annotated_images(test::read_data(place + "/Chart.yaml"), "Chart.yaml", chart)};
  if (is_rendered)
    found.push_back(scan_manifests(test::read_data("charts/" + chart + "/rendered.yaml"), "m.yaml")
                        .discovery());
  return combine(found, {.is_rendered = is_rendered});
}

std::vector<std::string> codes_of(const Combined& combined) {
  std::vector<std::string> codes;
  for (const ReportItem& item : combined.report) codes.push_back(item.code);
  return codes;
}

TEST(ChartsAsAWhole, GetWhatTheyListThemselves) {
  EXPECT_THAT(names_of(combined_case("t05-postgresql", true).chosen),
              testing::ElementsAre("docker.io/bitnami/os-shell:12-debian-12-r51",
                                   "docker.io/bitnami/postgres-exporter:0.17.1-debian-12-r16",
                                   "docker.io/bitnami/postgresql:17.6.0-debian-12-r4"));
}

TEST(ChartsAsAWhole, SayWhatOnlyTheValuesHave) {
  const Combined combined = combined_case("t08-gatekeeper", true);
  EXPECT_THAT(names_of(combined.left_out),
              testing::ElementsAre("ghcr.io/open-policy-agent/fake-reader:latest"));
  EXPECT_THAT(codes_of(combined), Contains("values-only"));
}

TEST(ChartsAsAWhole, AreUnresolvedInPartUntilTheyAreRendered) {
  EXPECT_EQ(combined_case("t10-strimzi-kafka-operator", false).unresolved.size(), 5U);
  EXPECT_THAT(combined_case("t10-strimzi-kafka-operator", true).unresolved, IsEmpty());
  EXPECT_THAT(codes_of(combined_case("t07b-traefik", false)), Contains("root-image-empty"));
}

TEST(ChartsAsAWhole, ThatDoNotRenderHaveTheImagesOfTheirValues) {
  const Combined combined = combined_case("t04-loki", false);
  EXPECT_THAT(names_of(combined.chosen),
              testing::UnorderedElementsAre("docker.io/grafana/loki:3.7.1",
                                            "docker.io/grafana/loki-canary:3.7.1",
                                            "docker.io/grafana/loki-helm-test:latest",
                                            "docker.io/nginxinc/nginx-unprivileged:1.29-alpine",
                                            "ghcr.io/jkroepke/access-log-exporter:0.3.10",
                                            "docker.io/library/memcached:1.6.41-alpine",
                                            "docker.io/prom/memcached-exporter:v0.16.0",
                                            "docker.io/kiwigrid/k8s-sidecar:2.6.0"));
  EXPECT_THAT(codes_of(combined), Contains("latest-tag"));
}

TEST(ChartsAsAWhole, KeepThePlacesAmongTheValues) {
  const Combined combined = combined_case("t02-kube-prometheus-stack", true);
  const ChartFile file = chart_file(combined, {});
  const auto has_place = [&](const std::string& id, const std::string& path) {
    return std::any_of(file.images.begin(), file.images.end(), [&](const ChartImage& image) {
      return image.id == id && path_text(image.place.path) == path;
    });
  };
  EXPECT_TRUE(has_place("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0",
                        "kube-state-metrics.image"));
  EXPECT_TRUE(
      has_place("quay.io/prometheus/node-exporter:v1.11.1", "prometheus-node-exporter.image"));
  EXPECT_TRUE(has_place("docker.io/grafana/grafana:12.4.3", "grafana.image"));
}

}  // namespace
}  // namespace tote::bundle::discover
