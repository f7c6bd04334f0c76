// Values for a chart that name its images where they are now: each form written the way in which
// it was read (docs/charts.md).
#pragma once

#include "bundle/discover/chart_file.h"
#include "bundle/discover/image_name.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// Where the image with this name in chart.yml is now: always with its digest; without a tag if
// there is none. Nothing: it is not there.
using NewPlace = std::function<std::optional<ImageName>(const std::string& id)>;

struct OverlayOptions {
  std::string chart = {};                      // of several in one bundle; empty: there is only one
  std::vector<std::string> pull_secrets = {};  // names of Kubernetes secrets
  bool digests = true;                         // where the chart has a place for them
};

struct Overlay {
  std::string chart;                             // its name
  std::string yaml;                              // sorted by key: the same for the same content
  std::vector<std::string> images = {};          // names of those that it moves, sorted
  std::vector<std::string> elsewhere = {};       // that do not stand among the values, sorted
  std::vector<UnresolvedPlace> unresolved = {};  // that nobody could tell
  bool takes_secrets = false;
};

// Error{kUsage} if the chart is not there or has to be named, if an image is not there, if two
// would need different values at one place, or if a form can not express the new place.
Overlay values_overlay(const ChartFile& file, const NewPlace& place, const OverlayOptions& options);

}  // namespace tote::bundle::discover
