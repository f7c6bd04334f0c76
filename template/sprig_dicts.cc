// Sprig's functions of maps. Where Go's order of keys is a matter of chance, they are sorted.
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

const Map::Members& members_of(const MapPtr& map) {
  static const Map::Members none;
  return map == nullptr ? none : map->members;
}

MapPtr dict(const Rest<Value>& values) {
  auto map = std::make_shared<Map>();
  const auto& items = values.items;
  for (std::size_t i = 0; i < items.size(); i += 2)
    map->members[to_text(items[i])] = i + 1 < items.size() ? items[i + 1] : Value::text("");
  return map;
}

Value get(const MapPtr& map, std::string_view key) {
  const auto found = members_of(map).find(key);
  return found == members_of(map).end() ? Value::text("") : found->second;
}

MapPtr set(Context& context, const MapPtr& map, std::string_view key, const Value& value) {
  if (map == nullptr) fail_call("assignment to entry in nil map");
  map->members[std::string(key)] = value;
  context.watch(map, value);
  return map;
}

Typed<kMapType> unset(const MapPtr& map, std::string_view key) {
  if (map != nullptr)
    if (const auto found = map->members.find(key); found != map->members.end())
      map->members.erase(found);
  return {Value::map(map)};
}

std::vector<Value> pluck(std::string_view key, const Rest<MapPtr>& maps) {
  std::vector<Value> out;
  for (const MapPtr& map : maps.items)
    if (const auto found = members_of(map).find(key); found != members_of(map).end())
      out.push_back(found->second);
  return out;
}

std::vector<std::string> keys(const Rest<MapPtr>& maps) {
  std::vector<std::string> out;
  for (const MapPtr& map : maps.items)
    for (const auto& [name, member] : members_of(map)) out.push_back(name);
  return out;
}

std::vector<Value> values(const MapPtr& map) {
  std::vector<Value> out;
  for (const auto& [name, member] : members_of(map)) out.push_back(member);
  return out;
}

MapPtr pick(const MapPtr& map, const Rest<std::string_view>& wanted) {
  auto out = std::make_shared<Map>();
  for (const std::string_view key : wanted.items)
    if (const auto found = members_of(map).find(key); found != members_of(map).end())
      out->members[found->first] = found->second;
  return out;
}

MapPtr omit(const MapPtr& map, const Rest<std::string_view>& unwanted) {
  auto out = std::make_shared<Map>(members_of(map));
  for (const std::string_view key : unwanted.items)
    if (const auto found = out->members.find(key); found != out->members.end())
      out->members.erase(found);
  return out;
}

// What Go's runtime says of a value that is not of the type that it is taken for.
void check_type(const Value& value, const Type& type) {
  if (!value.is_nil() && &value.type() == &type) return;
  fail_call(fmt::format("interface conversion: interface {{}} is {}, not {}",
                        value.is_nil() ? "nil" : value.type().name, type.name));
}

Value dig(const Rest<Value>& all) {
  const auto& items = all.items;
  if (items.size() < 3) fail_call("dig needs at least three arguments");
  Value here = items.back();
  check_type(here, kMapType);
  const std::size_t count = items.size() - 2;
  for (std::size_t i = 0; i < count; ++i) check_type(items[i], kStringType);
  for (std::size_t i = 0; i < count; ++i) {
    check_type(here, kMapType);
    const std::optional<Value> next = here.member(items[i].text());
    if (!next) return items[count];
    here = next->unboxed();
  }
  return here;
}

}  // namespace

void add_dict_functions(FunctionMap& all) {
  all["dict"] = make_function(dict);
  all["get"] = make_function(get);
  all["set"] = make_function(set);
  all["unset"] = make_function(unset);
  all["hasKey"] = make_function(
      [](const MapPtr& map, std::string_view key) { return members_of(map).contains(key); });
  all["pluck"] = make_function(pluck);
  all["keys"] = make_function(keys);
  all["values"] = make_function(values);
  all["pick"] = make_function(pick);
  all["omit"] = make_function(omit);
  all["dig"] = make_function(dig);
  all["deepCopy"] = make_function([](const Value& value) {
    if (value.is_nil()) fail_call("reflect: call of reflect.Value.Type on zero Value");
    return deep_copy(value);
  });
  all["mustDeepCopy"] = all["deepCopy"];
}

}  // namespace tote::go_template
