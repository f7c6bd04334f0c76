// Images that a chart lists itself, in the annotations of its Chart.yaml: rules A1 to A3 of
// docs/charts.md.
#pragma once

#include "bundle/discover/discovery.h"

#include <functional>
#include <string_view>

namespace tote::bundle::discover {

// What is to be known of a chart's values. Functions that are empty say yes to everything.
struct ChartState {
  // Whether the first of these paths among the values ("a.enabled,b.enabled", of this chart) that
  // is there is true; if none is there, yes.
  std::function<bool(std::string_view condition)> is_true = {};
  std::function<bool(std::string_view dependency)> is_enabled = {};
};

// `text` is a Chart.yaml, `chart` as FoundImage::chart. Annotations that are no YAML or no list of
// images are reported (bad-annotation). Error{kParse} if the text itself is no YAML.
Discovery annotated_images(std::string_view text, std::string_view origin, std::string_view chart,
                           const ChartState& state = {});

}  // namespace tote::bundle::discover
