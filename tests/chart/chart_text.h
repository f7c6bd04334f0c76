// Charts for tests, out of a few texts.
#pragma once

#include "chart/configured_chart.h"

#include <map>
#include <string>
#include <string_view>

namespace tote::chart {

// A tree of values as one line: {a: 1, b: [x, null]}, in its order.
inline std::string shown(const Value& value) {
  std::string text;
  if (value.is_null()) return "null";
  if (value.is_scalar()) return value.text().empty() ? "''" : value.text();
  if (value.is_list()) {
    for (const ValuePtr& item : value.items()) text += (text.empty() ? "" : ", ") + shown(*item);
    return "[" + text + "]";
  }
  for (const auto& [name, member] : value.members())
    text += (text.empty() ? "" : ", ") + name + ": " + shown(*member);
  return "{" + text + "}";
}

inline ValuePtr values(std::string_view text, const std::string& name = "values.yaml") {
  ValueBudget budget;
  return read_values(text, name, budget);
}

inline ChartPtr chart_of(std::map<std::string, std::string, std::less<>> files) {
  ChartBudget budget;
  return load_chart(ChartFiles{"test", std::move(files)}, budget);
}

inline std::string chart_yaml(const std::string& name, const std::string& more = "") {
  return "apiVersion: v2\nname: " + name + "\nversion: 1.2.3\n" + more;
}

}  // namespace tote::chart
