// Charts of Helm as they are in registries: an OCI image without a file system.
#pragma once

#include "chart/chart_package.h"
#include "copy/manifest_cache.h"
#include "oci/artifact.h"

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::bundle {

inline constexpr std::string_view kChartConfig = "application/vnd.cncf.helm.config.v1+json";
inline constexpr std::string_view kChartLayer =
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
inline constexpr std::string_view kChartProvenance =
    "application/vnd.cncf.helm.chart.provenance.v1.prov";
// Of Helm before 3.7.
inline constexpr std::string_view kLegacyChartLayer = "application/tar+gzip";

// The one that `helm push` makes, to the byte, but that Helm says when: `created`, a time of RFC
// 3339, is left out if it is empty, so that the same chart has the same digest.
std::unique_ptr<oci::Artifact> build_chart(const chart::ChartPackage& package,
                                           const std::string& created);

struct PulledChart {
  chart::ChartPackage package;
  bool is_legacy = false;  // by its media type
};

bool is_chart(const oci::Manifest& manifest) noexcept;
// Every byte is verified. Error{kUsage} for what is no chart, Error{kParse} for one that does not
// hold what a chart holds.
PulledChart read_chart(const oci::Manifest& manifest, const oci::Repository& repository,
                       copy::ManifestCache& cache, const std::stop_token& stop);

}  // namespace tote::bundle
