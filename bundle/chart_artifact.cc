#include "bundle/chart_artifact.h"

#include "base/error.h"
#include "base/text.h"
#include "chart/helm_config.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

std::string authors(const std::vector<chart::Maintainer>& maintainers) {
  std::string text;
  for (std::size_t i = 0; i < maintainers.size(); ++i) {
    const chart::Maintainer& maintainer = maintainers[i];
    text += (i == 0 ? "" : ", ") + maintainer.name;
    if (!maintainer.email.empty()) text += fmt::format(" ({})", maintainer.email);
  }
  return text;
}

// Those of the chart itself come last, and may replace all but two.
std::map<std::string, std::string> annotations(const chart::ChartMetadata& metadata,
                                               const std::string& created) {
  constexpr std::string_view kPrefix = "org.opencontainers.image.";
  std::map<std::string, std::string> all;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!trim(value).empty()) all[fmt::format("{}{}", kPrefix, name)] = chart::helm_text(value);
  };
  add("description", metadata.description);
  add("title", metadata.name);
  add("version", metadata.version);
  add("url", metadata.home);
  add("created", created);
  if (!metadata.sources.empty()) add("source", metadata.sources.front());
  add("authors", authors(metadata.maintainers));
  for (const auto& [name, value] : metadata.annotations)
    if (name != "org.opencontainers.image.title" && name != "org.opencontainers.image.version")
      all[name] = value;
  return all;
}

// Sorted by digest.
std::vector<oci::ArtifactLayer> layers_of(const chart::ChartPackage& package) {
  struct Content {
    std::string_view type;
    const std::string& bytes;
  };
  std::map<std::string, Content> sorted;
  sorted.emplace(oci::Digest::of(package.bytes).str(), Content{kChartLayer, package.bytes});
  if (!package.provenance.empty())
    sorted.emplace(oci::Digest::of(package.provenance).str(),
                   Content{kChartProvenance, package.provenance});
  std::vector<oci::ArtifactLayer> layers;
  for (const auto& [digest, content] : sorted) {
    layers.push_back({std::string(content.type), oci::Digest::parse(digest), Spool()});
    layers.back().content.write(as_bytes(content.bytes));
  }
  return layers;
}

const oci::Descriptor* find_layer(const oci::Manifest& manifest, std::string_view type) {
  const auto& layers = manifest.layers();
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [&](const auto& layer) { return layer.media_type == type; });
  return found == layers.end() ? nullptr : &*found;
}

std::string read_layer(const oci::Descriptor& layer, std::uint64_t limit,
                       const oci::Repository& repository, copy::ManifestCache& cache,
                       const std::stop_token& stop) {
  const std::string name = oci::digest_reference(repository, layer.digest);
  if (layer.size > limit)
    throw Error(ErrorKind::kParse, fmt::format("'{}' has {} bytes, and {} at the most are read",
                                               name, layer.size, limit));
  const auto content = cache.places()(repository).open_blob(layer, 0, stop);
  return read_all(*content, limit, name);
}

}  // namespace

std::unique_ptr<oci::Artifact> build_chart(const chart::ChartPackage& package,
                                           const std::string& created) {
  oci::ArtifactParts parts{.media_type = std::string(oci::kOciManifest),
                           .config_type = std::string(kChartConfig),
                           .config = chart::encode_helm_config(*package.chart),
                           .layers = layers_of(package),
                           .order = oci::DescriptorOrder::kDigestFirst};
  parts.annotations = annotations(package.chart->metadata, created);
  parts.leaves_type_out = true;
  return std::make_unique<oci::Artifact>(std::move(parts));
}

bool is_chart(const oci::Manifest& manifest) noexcept {
  return !manifest.is_index() && manifest.config().media_type == kChartConfig;
}

PulledChart read_chart(const oci::Manifest& manifest, const oci::Repository& repository,
                       copy::ManifestCache& cache, const std::stop_token& stop) {
  const std::string name = oci::digest_reference(repository, manifest.digest());
  if (!is_chart(manifest))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no chart", name))
        .with_hint("-b is for bundles, -i for images");
  const oci::Descriptor* layer = find_layer(manifest, kChartLayer);
  const bool is_legacy = layer == nullptr;
  if (is_legacy) layer = find_layer(manifest, kLegacyChartLayer);
  if (layer == nullptr)
    throw Error(ErrorKind::kParse,
                fmt::format("chart '{}' has no layer of the type '{}'", name, kChartLayer));
  PulledChart pulled{chart::read_package(
                         read_layer(*layer, chart::kMaxPackageSize, repository, cache, stop), name),
                     is_legacy};
  if (const oci::Descriptor* signed_by = find_layer(manifest, kChartProvenance))
    pulled.package.provenance =
        read_layer(*signed_by, chart::kMaxProvenanceSize, repository, cache, stop);
  return pulled;
}

}  // namespace tote::bundle
