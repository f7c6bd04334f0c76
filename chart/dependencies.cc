#include "chart/dependencies.h"

#include "base/printable.h"
#include "base/text.h"
#include "base/version_range.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::chart {
namespace {

// What is no version or range fits nothing, as for Helm.
bool fits(const std::string& range, const std::string& version) {
  const std::optional<Version> parsed = Version::parse(version);
  const std::optional<VersionRange> wanted = VersionRange::try_parse(range);
  return parsed && wanted && wanted->contains(*parsed);
}

bool is_for(const Chart& chart, const Dependency& dependency) {
  return chart.metadata.name == dependency.name && fits(dependency.version, chart.metadata.version);
}

void add(ConfiguredChart& parent, const ChartPtr& chart, const std::string& name) {
  const std::string place = parent.place.empty() ? name : parent.place + "/" + name;
  parent.subcharts.push_back({.chart = chart, .name = name, .place = place});
}

void add_dependency(ConfiguredChart& parent, const Dependency& dependency) {
  const std::vector<ChartPtr>& charts = parent.chart->charts;
  const auto found = std::find_if(charts.begin(), charts.end(), [&](const ChartPtr& chart) {
    return is_for(*chart, dependency);
  });
  if (found != charts.end()) return add(parent, *found, dependency.key());
  const auto other = std::find_if(charts.begin(), charts.end(), [&](const ChartPtr& chart) {
    return chart->metadata.name == dependency.name;
  });
  parent.missing.push_back(
      {dependency, true, other == charts.end() ? "" : (*other)->metadata.version});
}

}  // namespace

void choose_subcharts(ConfiguredChart& chart) {
  const std::vector<Dependency>& dependencies = chart.chart->metadata.dependencies;
  for (const ChartPtr& inner : chart.chart->charts) {
    const bool is_named = std::any_of(dependencies.begin(), dependencies.end(),
                                      [&](const Dependency& one) { return is_for(*inner, one); });
    if (!is_named) add(chart, inner, inner->metadata.name);
  }
  for (const Dependency& dependency : dependencies) add_dependency(chart, dependency);
}

std::string reason_to_leave_out(const Dependency& dependency, const Value& values,
                                const std::string& prefix) {
  for (const std::string& path : split(trim(dependency.condition), ',')) {
    if (path.empty()) continue;
    const Value* value = values.find_path(prefix + path);
    if (value == nullptr || !value->is_scalar() || value->type() != YamlType::kBool) continue;
    return value->is(true) ? "" : fmt::format("{}{} is false", printable(prefix), printable(path));
  }
  const Value* all_tags = values.find("tags");
  std::string off;
  for (const std::string& tag : dependency.tags) {
    const Value* value = all_tags == nullptr ? nullptr : all_tags->find(tag);
    if (value == nullptr) continue;
    if (value->is(true)) return "";
    if (value->is(false) && off.empty()) off = fmt::format("tags.{} is false", printable(tag));
  }
  return off;
}

}  // namespace tote::chart
