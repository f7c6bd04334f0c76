#include "chart/user_values.h"

#include "chart/merge_values.h"

namespace tote::chart {

ValuePtr read_user_values(const UserValues& values) {
  ValueBudget budget;
  ValuePtr all = Value::map({});
  for (const auto& [name, text] : values.files)
    all = overlay_values(all, read_values(text, name, budget), budget);
  for (const std::string& text : values.sets) all = set_values(all, text, SetAs::kTyped, budget);
  for (const std::string& text : values.string_sets)
    all = set_values(all, text, SetAs::kString, budget);
  return all;
}

}  // namespace tote::chart
