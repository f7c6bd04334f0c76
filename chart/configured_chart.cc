#include "chart/configured_chart.h"

#include "base/error.h"
#include "base/printable.h"
#include "chart/dependencies.h"
#include "chart/import_values.h"
#include "chart/merge_values.h"

#include <fmt/format.h>

#include <map>

namespace tote::chart {
namespace {

class Configurer {
 public:
  void configure(ConfiguredChart& root, const ValuePtr& values) {
    defaults_of(root, 0);
    enable(root, values, "");
    import_values(root);
    root.values = coalesce(root, values, Keep::kYes);
  }

 private:
  enum class Keep { kNo, kYes };

  void defaults_of(ConfiguredChart& chart, std::size_t depth) {
    // A chart under several aliases, in charts under several aliases: more than lie there.
    if (++uses_ > kMaxCharts || depth == kMaxChartDepth)
      throw Error(ErrorKind::kParse, fmt::format("more than {} uses of charts in one", kMaxCharts));
    choose_subcharts(chart);
    chart.values = chart.chart->defaults;
    for (ConfiguredChart& inner : chart.subcharts) defaults_of(inner, depth + 1);
  }

  // `values`: of the parent, then with the chart's own defaults below them, as Helm does it: the
  // paths of conditions begin at the outermost chart, and so do tags.
  void enable(ConfiguredChart& chart, const ValuePtr& values, const std::string& prefix) {
    const ValuePtr all = coalesce(chart, values, Keep::kNo);
    for (const Dependency& dependency : chart.chart->metadata.dependencies) {
      const std::string reason = reason_to_leave_out(dependency, *all, prefix);
      if (reason.empty()) continue;
      for (ConfiguredChart& inner : chart.subcharts)
        if (inner.name == dependency.key()) inner.disabled = reason;
      for (MissingDependency& missing : chart.missing)
        if (missing.dependency.key() == dependency.key()) missing.is_wanted = false;
    }
    for (ConfiguredChart& inner : chart.subcharts) enable(inner, all, prefix + inner.name + ".");
  }

  void import_values(ConfiguredChart& chart) {
    for (ConfiguredChart& inner : chart.subcharts) import_values(inner);
    const ValuePtr defaults = chart.values;
    chart.values = with_imports(
        chart, defaults,
        [&](const ConfiguredChart& inner) {
          ConfiguredChart copy = inner;
          return coalesce(copy, values_for(copy, *defaults), Keep::kNo);
        },
        budget_);
  }

  // What the parent has for it, globals included.
  ValuePtr values_for(const ConfiguredChart& chart, const Value& parent) {
    const ValuePtr own = parent.find_shared(chart.name);
    if (own && !own->is_map() && !own->is_null())
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: '{}' are the values of a subchart, and no mapping",
                              own->origin().str(), printable(chart.name)));
    return with_globals(own && own->is_map() ? own : Value::map({}), parent, budget_);
  }

  // chart.values are its defaults. Returns its values with those of the subcharts that are used in
  // them; with `keep` the subcharts keep theirs in place of their defaults.
  ValuePtr coalesce(ConfiguredChart& chart, const ValuePtr& over, Keep keep) {
    std::vector<std::string> names;
    for (const ConfiguredChart& inner : chart.subcharts) names.push_back(inner.name);
    ValuePtr values = coalesce_defaults(over, chart.values, names, budget_);
    Value::Members changed;
    for (ConfiguredChart& inner : chart.subcharts) {
      ValuePtr inner_values = coalesce(inner, values_for(inner, *values), keep);
      if (inner.disabled.empty()) changed.emplace_back(inner.name, inner_values);
      if (keep == Keep::kYes) inner.values = std::move(inner_values);
    }
    return changed.empty() ? values : overlaid(values, changed);
  }

  ValuePtr overlaid(const ValuePtr& values, const Value::Members& changed) {
    std::map<std::string, ValuePtr> by_name(changed.begin(), changed.end());
    budget_.take(values->members().size() + changed.size());
    Value::Members members;
    for (const auto& [name, value] : values->members()) {
      const auto found = by_name.find(name);
      members.emplace_back(name, found == by_name.end() ? value : found->second);
      if (found != by_name.end()) by_name.erase(found);
    }
    for (const auto& [name, value] : changed)
      if (by_name.erase(name) > 0) members.emplace_back(name, value);
    return Value::map(std::move(members), values->origin());
  }

  ValueBudget budget_;
  std::size_t uses_ = 0;
};

}  // namespace

ConfiguredChart configure_chart(const ChartPtr& chart, const ValuePtr& values) {
  ConfiguredChart configured{
      .chart = chart, .name = chart->metadata.name, .place = chart->metadata.name};
  Configurer().configure(configured, values);
  return configured;
}

}  // namespace tote::chart
