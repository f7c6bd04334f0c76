// A chart with the values that it is used with: which of its subcharts are, under which names, and
// what each has for values. What a renderer, or a search for images, begins with.
#pragma once

#include "chart/chart.h"

#include <string>
#include <vector>

namespace tote::chart {

// A dependency that Chart.yaml names and charts/ does not have.
struct MissingDependency {
  Dependency dependency;
  bool is_wanted;     // it is not disabled
  std::string found;  // the version that is there but is not in the range; empty: none is
};

struct ConfiguredChart {
  ChartPtr chart;
  std::string name;           // of its values in the parent: alias or name
  std::string place;          // names from the outermost on: "app/redis"
  ValuePtr values = {};       // a mapping
  std::string disabled = {};  // why it is not used; empty: it is, if its parent is
  std::vector<ConfiguredChart> subcharts = {};  // disabled ones too
  std::vector<MissingDependency> missing = {};
};

// Helm's rules: dependencies are found by name and range of versions, so one chart may be used
// several times under aliases, and what Chart.yaml does not name is used too; conditions and tags;
// import-values; then the values: those of the user (`values`, a mapping) over the parent's
// defaults over the subchart's, with "global" handed down. Error{kParse} where a subchart's values
// are no mapping.
ConfiguredChart configure_chart(const ChartPtr& chart, const ValuePtr& values);

}  // namespace tote::chart
