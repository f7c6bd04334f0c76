// What chart.yml has to keep of a chart so that its values can be written again without it.
#pragma once

#include "bundle/discover/combine.h"
#include "chart/configured_chart.h"

namespace tote::bundle::discover {

// Adds to `combined`, the images of this chart, the lists through which a place in it leads, and
// those of names of secrets that have some; and whether the chart checks where images come from:
// its templates ask for global.security.allowInsecureImages, or Chart.yaml has the annotation
// "images", which charts with that check have.
void add_value_lists(const chart::ConfiguredChart& chart, Combined& combined);

}  // namespace tote::bundle::discover
