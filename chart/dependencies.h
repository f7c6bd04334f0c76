// Which of the charts inside of a chart are used. For configured_chart.cc.
#pragma once

#include "chart/configured_chart.h"

namespace tote::chart {

// Those that its dependencies name, in their order, under their aliases, behind those that none
// names; and what is missing.
void choose_subcharts(ConfiguredChart& chart);

// Why dependency `name` is not used, by its condition, else its tags; empty: it is. `values` are
// those of the whole, `prefix` says where the parent's are ("a.b." or nothing).
std::string reason_to_leave_out(const Dependency& dependency, const Value& values,
                                const std::string& prefix);

}  // namespace tote::chart
