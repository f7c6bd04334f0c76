// Which of a chart's values the rules look at, and what they take for the root.
#pragma once

#include "bundle/discover/values_scope.h"

namespace tote::bundle::discover {

// Fills `values`, `root` and `root_path`. A key around all values that templates take away once
// they are read (`unset`) is no part of any path: what it holds are the defaults below all others.
// Any other single key around everything only moves the root.
void find_root(ChartScope& scope);

// The values without what the chart around has under "global" too (`handed_down`, may be nullptr):
// that is looked at there.
chart::ValuePtr values_to_walk(const ChartScope& scope, const chart::Value* handed_down);

}  // namespace tote::bundle::discover
