#include "bundle/discover/scan_root.h"

#include "bundle/discover/key_words.h"
#include "bundle/discover/map_rules.h"
#include "chart/merge_values.h"

#include <algorithm>

namespace tote::bundle::discover {
namespace {

using chart::Value;
using chart::ValuePtr;

constexpr std::string_view kGlobal = "global";

// What `mine` has and `parents` has not.
ValuePtr without(const ValuePtr& mine, const Value& parents) {
  if (mine.get() == &parents) return Value::map({}, mine->origin());
  Value::Members members;
  for (const auto& [key, value] : mine->members()) {
    const Value* theirs = parents.find(key);
    if (theirs == nullptr)
      members.emplace_back(key, value);
    else if (value->is_map() && theirs->is_map() && !has_image_parts(*theirs))
      members.emplace_back(key, without(value, *theirs));
  }
  return Value::map(std::move(members), mine->origin());
}

ValuePtr unwrapped(const ChartScope& scope, const ValuePtr& values) {
  chart::ValueBudget budget;
  for (const auto& [key, value] : values->members()) {
    if (!value->is_map() || !scope.facts.unsets(key)) continue;
    const ValuePtr others = chart::with_member(values, key, nullptr, budget);
    return chart::overlay_values(value, others, budget);
  }
  return values;
}

bool is_subchart(const ChartScope& scope, const std::string& key) {
  const auto& subcharts = scope.chart.subcharts;
  return std::any_of(subcharts.begin(), subcharts.end(),
                     [&](const auto& one) { return one.name == key; });
}

// The only member that is a mapping, if there is nothing else.
const Value::Member* only_member(const ChartScope& scope) {
  const Value::Member* only = nullptr;
  for (const Value::Member& member : scope.values->members()) {
    if (member.first == kGlobal || is_subchart(scope, member.first)) continue;
    if (only != nullptr || !member.second->is_map()) return nullptr;
    only = &member;
  }
  return only != nullptr && says_image(only->first) ? nullptr : only;
}

}  // namespace

void find_root(ChartScope& scope) {
  scope.values = unwrapped(scope, scope.chart.values);
  scope.root = scope.values;
  if (const Value::Member* only = only_member(scope)) {
    scope.root = only->second;
    scope.root_path.push_back(only->first);
  }
}

ValuePtr values_to_walk(const ChartScope& scope, const Value* handed_down) {
  const ValuePtr global = scope.values->find_shared(kGlobal);
  if (!global || !global->is_map() || handed_down == nullptr) return scope.values;
  chart::ValueBudget budget;
  return chart::with_member(scope.values, kGlobal, without(global, *handed_down), budget);
}

}  // namespace tote::bundle::discover
