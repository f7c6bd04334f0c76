// Finding images among the values of a chart and its subcharts, by the rules V0 to V10
// (docs/charts.md): what a chart would need, with the places where it says so. Nothing is rendered,
// nothing is asked of anybody.
#pragma once

#include "bundle/discover/discovery.h"
#include "chart/configured_chart.h"

namespace tote::bundle::discover {

// Of the chart first, then of its subcharts, each in the order of its values. What is under a
// switch that is off ("enabled: false"), or in a subchart that is not used, is there with the
// reason why it is optional.
Discovery scan_values(const chart::ConfiguredChart& chart);

}  // namespace tote::bundle::discover
