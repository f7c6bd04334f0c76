// How Helm makes one tree of values of several.
#pragma once

#include "chart/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::chart {

// `over` on `under`, as files of values and --set are put one on the other: mappings merge, all
// else of `over` replaces, nulls too.
ValuePtr overlay_values(const ValuePtr& under, const ValuePtr& over, ValueBudget& budget);

// What nulls in `over` do when values meet the defaults of a chart.
enum class Nulls {
  kDelete,  // what they stand for is not there any more
  kKeep,    // they are left for the subchart whose values these are
};

// The mapping `over` with what only `defaults` has: Helm's coalesceTables.
ValuePtr coalesce_tables(const ValuePtr& over, const ValuePtr& defaults, Nulls nulls,
                         ValueBudget& budget);

// The values of a chart that has these defaults; in mappings named like `subcharts` nulls are kept.
ValuePtr coalesce_defaults(const ValuePtr& over, const ValuePtr& defaults,
                           const std::vector<std::string>& subcharts, ValueBudget& budget);

// The values of a subchart with what its parent has under "global", which wins.
ValuePtr with_globals(const ValuePtr& values, const Value& parent, ValueBudget& budget);

// A map with a member more, or another one in its place; nullptr for `value`: without it.
ValuePtr with_member(const ValuePtr& map, std::string_view name, ValuePtr value,
                     ValueBudget& budget);

}  // namespace tote::chart
