#include "chart/merge_values.h"

#include <algorithm>

namespace tote::chart {
namespace {

constexpr std::string_view kGlobal = "global";

// Those of `over` that `under` does not have, behind what is there already.
void add_new_members(Value::Members& members, const Value& over, const Value& under,
                     bool takes_nulls) {
  for (const Value::Member& member : over.members())
    if (under.find(member.first) == nullptr && (takes_nulls || !member.second->is_null()))
      members.push_back(member);
}

// Where both are mappings, or from the parent alone.
ValuePtr global_member(const ValuePtr& mine, const ValuePtr& parents, ValueBudget& budget) {
  if (!parents->is_map()) return mine->is_map() ? mine : parents;
  return mine->is_map() ? coalesce_tables(parents, mine, Nulls::kKeep, budget) : mine;
}

}  // namespace

ValuePtr overlay_values(const ValuePtr& under, const ValuePtr& over, ValueBudget& budget) {
  budget.take(under->members().size() + over->members().size());
  Value::Members members;
  for (const auto& [name, value] : under->members()) {
    const ValuePtr above = over->find_shared(name);
    if (above && above->is_map() && value->is_map())
      members.emplace_back(name, overlay_values(value, above, budget));
    else
      members.emplace_back(name, above ? above : value);
  }
  add_new_members(members, *over, *under, true);
  return Value::map(std::move(members), under->origin());
}

ValuePtr coalesce_tables(const ValuePtr& over, const ValuePtr& defaults, Nulls nulls,
                         ValueBudget& budget) {
  budget.take(over->members().size() + defaults->members().size());
  const bool keeps_nulls = nulls == Nulls::kKeep;
  Value::Members members;
  for (const auto& [name, value] : defaults->members()) {
    const ValuePtr above = over->find_shared(name);
    if (!above)
      members.emplace_back(name, value);
    else if (above->is_map() && value->is_map())
      members.emplace_back(name, coalesce_tables(above, value, nulls, budget));
    else if (!above->is_null() || keeps_nulls)
      members.emplace_back(name, above);
  }
  add_new_members(members, *over, *defaults, keeps_nulls);
  return Value::map(std::move(members), defaults->origin());
}

ValuePtr coalesce_defaults(const ValuePtr& over, const ValuePtr& defaults,
                           const std::vector<std::string>& subcharts, ValueBudget& budget) {
  budget.take(over->members().size() + defaults->members().size());
  Value::Members members;
  for (const auto& [name, value] : defaults->members()) {
    const ValuePtr above = over->find_shared(name);
    if (!above) {
      members.emplace_back(name, value);
    } else if (above->is_map() && value->is_map()) {
      const bool is_subchart =
          std::find(subcharts.begin(), subcharts.end(), name) != subcharts.end();
      const Nulls nulls = is_subchart ? Nulls::kKeep : Nulls::kDelete;
      members.emplace_back(name, coalesce_tables(above, value, nulls, budget));
    } else if (!above->is_null()) {
      members.emplace_back(name, above);
    }
  }
  add_new_members(members, *over, *defaults, true);
  return Value::map(std::move(members), defaults->origin());
}

ValuePtr with_globals(const ValuePtr& values, const Value& parent, ValueBudget& budget) {
  const ValuePtr theirs = parent.find_shared(kGlobal);
  const ValuePtr mine = values->find_shared(kGlobal);
  if (!theirs || !theirs->is_map() || (mine && !mine->is_map())) return values;
  if (!mine) return with_member(values, kGlobal, theirs, budget);
  budget.take(theirs->members().size() + mine->members().size());
  Value::Members members;
  for (const auto& [name, value] : mine->members()) {
    const ValuePtr above = theirs->find_shared(name);
    members.emplace_back(name, above ? global_member(value, above, budget) : value);
  }
  add_new_members(members, *theirs, *mine, true);
  return with_member(values, kGlobal, Value::map(std::move(members), mine->origin()), budget);
}

ValuePtr with_member(const ValuePtr& map, std::string_view name, ValuePtr value,
                     ValueBudget& budget) {
  budget.take(map->members().size() + 1);
  Value::Members members = map->members();
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return member.first == name; });
  if (!value) {
    if (found != members.end()) members.erase(found);
  } else if (found != members.end()) {
    found->second = std::move(value);
  } else {
    members.emplace_back(name, std::move(value));
  }
  return Value::map(std::move(members), map->origin());
}

}  // namespace tote::chart
