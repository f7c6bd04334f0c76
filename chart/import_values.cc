#include "chart/import_values.h"

#include "base/text.h"
#include "chart/merge_values.h"

#include <algorithm>

namespace tote::chart {
namespace {

// The mapping under the keys of `path`, outermost first; "." is itself.
ValuePtr below(const std::string& path, ValuePtr values) {
  if (path == ".") return values;
  const std::vector<std::string> keys = split(path, '.');
  for (auto key = keys.rbegin(); key != keys.rend(); ++key)
    values = Value::map({{*key, values}}, values->origin());
  return values;
}

ValuePtr find_table(ValuePtr values, const std::string& path) {
  if (path == ".") return values;
  for (const std::string& key : split(path, '.')) {
    values = values->find_shared(key);
    if (!values) return nullptr;
  }
  return values->is_map() ? values : nullptr;
}

const ConfiguredChart* find_used(const ConfiguredChart& chart, const std::string& name) {
  const auto found = std::find_if(
      chart.subcharts.begin(), chart.subcharts.end(),
      [&](const ConfiguredChart& one) { return one.name == name && one.disabled.empty(); });
  return found == chart.subcharts.end() ? nullptr : &*found;
}

}  // namespace

ValuePtr with_imports(const ConfiguredChart& chart, const ValuePtr& defaults,
                      const std::function<ValuePtr(const ConfiguredChart&)>& values_of,
                      ValueBudget& budget) {
  ValuePtr imported = Value::map({});
  for (const Dependency& dependency : chart.chart->metadata.dependencies) {
    if (dependency.imports.empty()) continue;
    const ConfiguredChart* subchart = find_used(chart, dependency.key());
    if (subchart == nullptr) continue;
    const ValuePtr values = values_of(*subchart);
    for (const ValueImport& import : dependency.imports)
      if (const ValuePtr table = find_table(values, import.child))
        imported = coalesce_tables(imported, below(import.parent, table), Nulls::kDelete, budget);
  }
  if (imported->members().empty()) return defaults;
  return coalesce_tables(defaults, imported, Nulls::kKeep, budget);
}

}  // namespace tote::chart
