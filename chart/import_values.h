// Values that subcharts give to their parents. For configured_chart.cc.
#pragma once

#include "chart/configured_chart.h"

#include <functional>

namespace tote::chart {

// The defaults of `chart` with what its dependencies export, which count for less. `values_of`
// makes the values that a subchart has by defaults alone.
ValuePtr with_imports(const ConfiguredChart& chart, const ValuePtr& defaults,
                      const std::function<ValuePtr(const ConfiguredChart&)>& values_of,
                      ValueBudget& budget);

}  // namespace tote::chart
