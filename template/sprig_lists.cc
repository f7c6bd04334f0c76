// Sprig's functions of lists.
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tote::go_template {
namespace {

using Items = std::vector<Value>;

const Typed<kListType> kNilList = {Value::zero(kListType)};

Items appended(const Value& list, const Value& item) {
  Items items = items_of(list, "Cannot push on type");
  items.push_back(item);
  return items;
}

Items prepended(const Value& list, const Value& item) {
  Items items = items_of(list, "Cannot prepend on type");
  items.insert(items.begin(), item);
  return items;
}

Value first_item(const Value& list) {
  const Items& items = items_of(list, "Cannot find first on type");
  return items.empty() ? Value() : items.front();
}

Value last_item(const Value& list) {
  const Items& items = items_of(list, "Cannot find last on type");
  return items.empty() ? Value() : items.back();
}

Typed<kListType> all_but_first(const Value& list) {
  const Items& items = items_of(list, "Cannot find rest on type");
  if (items.empty()) return kNilList;
  return {Value::list(Items(items.begin() + 1, items.end()))};
}

Typed<kListType> all_but_last(const Value& list) {
  const Items& items = items_of(list, "Cannot find initial on type");
  if (items.empty()) return kNilList;
  return {Value::list(Items(items.begin(), items.end() - 1))};
}

Items reversed(const Value& list) {
  Items items = items_of(list, "Cannot find reverse on type");
  std::reverse(items.begin(), items.end());
  return items;
}

Items compacted(const Value& list) {
  Items items = items_of(list, "Cannot compact on type");
  std::erase_if(items, is_empty);
  return items;
}

bool has_equal(Context& context, const Items& items, const Value& wanted) {
  context.take_steps(items.size());
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& item) { return deep_equal(item, wanted); });
}

Items unique(Context& context, const Value& list) {
  Items out;
  for (const Value& item : items_of(list, "Cannot find uniq on type"))
    if (!has_equal(context, out, item)) out.push_back(item);
  return out;
}

Items without(Context& context, const Value& list, const Rest<Value>& left_out) {
  Items out;
  for (const Value& item : items_of(list, "Cannot find without on type"))
    if (!has_equal(context, left_out.items, item)) out.push_back(item);
  return out;
}

bool has(Context& context, const Value& wanted, const Value& list) {
  if (list.is_nil()) return false;
  return has_equal(context, items_of(list, "Cannot find has on type"), wanted);
}

Value slice(const Value& list, const Rest<Value>& indexes) {
  const Items& items = items_of(list, "list should be type of slice or array but");
  if (items.empty()) return {};
  const std::size_t given = indexes.items.size();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t begin = given > 0 ? to_integer(indexes.items[0]) : 0;
  const std::int64_t end = given > 1 ? to_integer(indexes.items[1]) : size;
  if (begin < 0 || begin > end || end > size)
    fail_call("reflect.Value.Slice: slice index out of bounds");
  return Value::list(Items(items.begin() + begin, items.begin() + end), list.type());
}

Value concatenated(Context& context, const Rest<Value>& lists) {
  Items out;
  for (const Value& list : lists.items) {
    if (!list.is_nil() && list.kind() != Kind::kSlice)
      fail_call(fmt::format("Cannot concat type {} as list", kind_name(list.kind())));
    const Items& items = items_of(list, "");
    context.take_steps(items.size());
    out.insert(out.end(), items.begin(), items.end());
  }
  return out.empty() ? kNilList.value : Value::list(std::move(out));
}

// Sprig computes in floats, so that odd sizes come out as they do there.
Typed<kListsType> chunks(std::int64_t size, const Value& list) {
  const Items& items = items_of(list, "Cannot chunk type");
  const auto length = static_cast<double>(items.size());
  const double count = std::floor((length - 1) / static_cast<double>(size)) + 1;
  if (!(count >= 0) || std::isinf(count)) fail_call("runtime error: makeslice: len out of range");
  Items out;
  for (double i = 0; i < count; ++i) {
    auto part = size;
    if (i == count - 1) {
      part = static_cast<std::int64_t>(std::fmod(length, static_cast<double>(size)));
      if (part == 0) part = size;
    }
    if (part < 0) fail_call("runtime error: makeslice: len out of range");
    const auto begin = items.begin() + static_cast<std::int64_t>(i) * size;
    out.push_back(Value::list(Items(begin, begin + part)));
  }
  return {Value::list(std::move(out), kListsType)};
}

// The same function under the name that fails and the one that panics: templates see no difference.
void add_both(FunctionMap& all, const std::string& name, FunctionPtr function) {
  std::string must = "must" + name;
  if (must[4] >= 'a' && must[4] <= 'z') must[4] = static_cast<char>(must[4] - 'a' + 'A');
  all[must] = function;
  all[name] = std::move(function);
}

}  // namespace

void add_list_functions(FunctionMap& all) {
  all["list"] = make_function([](const Rest<Value>& items) { return items.items; });
  all["tuple"] = all["list"];
  add_both(all, "append", make_function(appended));
  add_both(all, "push", make_function(appended));
  add_both(all, "prepend", make_function(prepended));
  add_both(all, "first", make_function(first_item));
  add_both(all, "last", make_function(last_item));
  add_both(all, "rest", make_function(all_but_first));
  add_both(all, "initial", make_function(all_but_last));
  add_both(all, "reverse", make_function(reversed));
  add_both(all, "compact", make_function(compacted));
  add_both(all, "uniq", make_function(unique));
  add_both(all, "without", make_function(without));
  add_both(all, "has", make_function(has));
  add_both(all, "slice", make_function(slice));
  add_both(all, "chunk", make_function(chunks));
  all["concat"] = make_function(concatenated);
}

}  // namespace tote::go_template
