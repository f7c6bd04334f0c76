// Charts, without disk: what lock does before it asks a registry.
//
//   ScanValues         5,000 lines of values with 60 images
//   ScanManifests      10,000 lines of rendered manifests with 1,000 images, and ReplaceReferences,
//                      which writes them with other names
//   ScanSubcharts/N    a chart with N subcharts of 300 lines, out of an archive: read, put
//   together,
//                      searched
#include "base/codec/gzip_writer.h"
#include "base/codec/tar_header.h"
#include "bundle/discover/rewrite.h"
#include "bundle/discover/values_scan.h"
#include "chart/user_values.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <stdexcept>

namespace {

using namespace tote;

std::string image_block(std::size_t number) {
  return fmt::format(
      "component{0}:\n"
      "  enabled: true\n"
      "  # the image of it\n"
      "  image:\n"
      "    registry: quay.io\n"
      "    repository: example/component{0}\n"
      "    tag: v1.{0}.0\n"
      "    pullPolicy: IfNotPresent\n",
      number);
}

// `lines` of them, with as many images.
std::string values_text(std::size_t lines, std::size_t images) {
  std::string text;
  const std::size_t settings = lines / images - 8;
  for (std::size_t i = 0; i < images; ++i) {
    text += image_block(i);
    for (std::size_t j = 0; j + 1 < settings; j += 2)
      text += fmt::format("  setting{}:\n    value: \"text {}\"\n", j, j);
  }
  return text;
}

std::string chart_yaml(const std::string& name) {
  return fmt::format("apiVersion: v2\nname: {}\nversion: 1.0.0\nappVersion: 1.2.3\n", name);
}

const char* const kTemplate =
    "image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion "
    "}}\"\n";

bundle::discover::Discovery scan(const chart::ChartPtr& chart) {
  return bundle::discover::scan_values(chart::configure_chart(chart, chart::read_user_values({})));
}

void check(const bundle::discover::Discovery& found, std::size_t images) {
  if (found.images.size() != images) throw std::runtime_error("not all images were found");
}

void scan_values(benchmark::State& state) {
  const std::string values = values_text(5'000, 60);
  for (auto _ : state) {
    chart::ChartBudget budget;
    const chart::ChartPtr chart = chart::load_chart({"bench",
                                                     {{"Chart.yaml", chart_yaml("app")},
                                                      {"templates/a.yaml", kTemplate},
                                                      {"values.yaml", values}}},
                                                    budget);
    check(scan(chart), 60);
  }
}

std::string manifests_text(std::size_t objects) {
  std::string text;
  for (std::size_t i = 0; i < objects; ++i)
    text += fmt::format(
        "---\n# Source: app/templates/{0}.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
        "  name: web{0}\n  labels: {{app: web{0}}}\nspec:\n  selector: {{matchLabels: {{app: "
        "web{0}}}}}\n"
        "  template:\n    metadata: {{labels: {{app: web{0}}}}}\n    spec:\n      containers:\n"
        "      - name: app\n        image: quay.io/example/app{0}:v1.{0}\n"
        "        args:\n        - --sidecar-image=quay.io/example/side{0}:v1\n        - "
        "--port=8080\n"
        "        ports:\n        - containerPort: 8080\n",
        i);
  return text;
}

void scan_manifests(benchmark::State& state) {
  const std::string text = manifests_text(500);
  for (auto _ : state)
    if (bundle::discover::scan_manifests(text, "m.yaml").images.size() != 1000)
      throw std::runtime_error("not all images were found");
}

void replace_references(benchmark::State& state) {
  using bundle::discover::FoundImage;
  const std::string text = manifests_text(500);
  const auto scan = bundle::discover::scan_manifests(text, "m.yaml");
  const auto moved = [](const FoundImage& image) {
    auto name = image.candidates.front();
    name.registry = "r.example";
    return std::optional(name);
  };
  for (auto _ : state)
    if (bundle::discover::rewrite_manifests(text, "m.yaml", scan, moved).changed != 1000)
      throw std::runtime_error("not all references were replaced");
}

void add(std::string& tar, const std::string& name, const std::string& content) {
  tar += encode_tar_header({.name = name, .mode = 0644, .size = content.size()});
  tar += content;
  tar.append(tar_padding(content.size()), '\0');
}

std::string packed_chart(std::size_t subcharts) {
  std::string tar;
  std::string dependencies = "dependencies:\n";
  const std::string values = values_text(300, 3);
  for (std::size_t i = 0; i < subcharts; ++i) {
    const std::string name = fmt::format("sub{}", i);
    dependencies += fmt::format("  - {{name: {0}, version: 1.x, condition: {0}.enabled}}\n", name);
    add(tar, "app/charts/" + name + "/Chart.yaml", chart_yaml(name));
    add(tar, "app/charts/" + name + "/values.yaml", values);
    add(tar, "app/charts/" + name + "/templates/a.yaml", kTemplate);
  }
  add(tar, "app/Chart.yaml", chart_yaml("app") + dependencies);
  add(tar, "app/values.yaml", "global: {imageRegistry: \"\", imagePullSecrets: []}\n");
  tar += tar_end();
  StringSink out;
  GzipWriter writer(out);
  writer.write(as_bytes(tar));
  writer.finish();
  return out.text();
}

void scan_subcharts(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string archive = packed_chart(count);
  for (auto _ : state) {
    BytesSource source{std::string_view(archive)};
    chart::ChartBudget budget;
    chart::ChartFiles files = chart::read_chart_archive(source, "app.tgz", budget);
    check(scan(chart::load_chart(std::move(files), budget)), 3 * count);
  }
}

}  // namespace

BENCHMARK(scan_values)->Name("ScanValues")->Unit(benchmark::kMillisecond);
BENCHMARK(scan_manifests)->Name("ScanManifests")->Unit(benchmark::kMillisecond);
BENCHMARK(replace_references)->Name("ReplaceReferences")->Unit(benchmark::kMillisecond);
BENCHMARK(scan_subcharts)->Name("ScanSubcharts")->Arg(40)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
