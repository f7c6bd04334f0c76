// Charts as chart.yml has them, and places that their images are moved to.
#pragma once

#include "bundle/discover/combine.h"
#include "bundle/discover/value_lists.h"
#include "bundle/discover/values_overlay.h"
#include "bundle/discover/values_scan.h"

#include <optional>
#include <string>

namespace tote::bundle::discover {

inline const std::string kDigest = "sha256:" + std::string(64, 'a');

inline ImageName named(const std::string& text) {
  return ImageName::parse(text).value();
}

// As copy --to-prefix puts them.
inline std::optional<ImageName> below_prefix(const std::string& id) {
  ImageName name = named(id);
  name.repository = "mirror/" + name.registry + "/" + name.repository;
  name.registry = "air.gap:5000";
  name.digest = kDigest;
  return name;
}

inline ChartFile file_of(const chart::ConfiguredChart& chart, bool with_optional = false) {
  Combined combined = combine({scan_values(chart)}, {.include_optional = with_optional});
  add_value_lists(chart, combined);
  const chart::ChartMetadata& metadata = chart.chart->metadata;
  const ChartFile file =
      chart_file(combined, {{metadata.name, metadata.version, metadata.app_version}});
  // What is read again is all that there is.
  return ChartFile::parse(file.encode(), "chart.yml");
}

}  // namespace tote::bundle::discover
