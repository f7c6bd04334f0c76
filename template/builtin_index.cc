// index, slice and len.
#include "base/error.h"
#include "template/builtins.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tote::go_template {
namespace {

[[noreturn]] void refuse(std::string what) {
  throw Error(ErrorKind::kParse, std::move(what));
}

// Of what a pointer leads to, too.
std::string_view type_behind(const Value& value) {
  return value.type().name.substr(value.kind() == Kind::kPointer ? 1 : 0);
}

std::int64_t index_of(const Value& index, std::size_t most) {
  std::int64_t number = 0;
  if (is_signed_integer(index.kind()))
    number = index.integer();
  else if (is_unsigned_integer(index.kind()))
    number = static_cast<std::int64_t>(index.unsigned_integer());
  else if (index.is_nil())
    refuse("cannot index slice/array with nil");
  else
    refuse(fmt::format("cannot index slice/array with type {}", index.type().name));
  if (number < 0 || std::cmp_greater(number, most))
    refuse(fmt::format("index out of range: {}", number));
  return number;
}

Value item_at(const Value& item, const Value& index) {
  const auto position = static_cast<std::size_t>(index_of(index, item.size()));
  const bool is_text = item.kind() == Kind::kString;
  // The bound above lets one too many pass, as Go's does; its reflection stops that one.
  if (position >= item.size())
    refuse(is_text ? "reflect: string index out of range" : "reflect: slice index out of range");
  return is_text ? Value::uint8(static_cast<std::uint8_t>(item.text()[position]))
                 : item.item(position);
}

Value member_of(const Value& map, const Value& index) {
  if (index.is_nil()) refuse("value is nil; should be of type string");
  if (index.kind() != Kind::kString)
    refuse(fmt::format("value has type {}; should be string", index.type().name));
  return map.member(index.text()).value_or(Value::zero(*map.type().element));
}

Reflected index(const Reflected& whole, const Rest<Reflected>& indexes) {
  Value item = whole.value.unboxed();
  if (!item.is_valid()) refuse("index of untyped nil");
  for (const Reflected& index : indexes.items) {
    if (item.is_nil()) refuse("index of nil pointer");
    switch (item.kind()) {
      case Kind::kString:
      case Kind::kSlice:
        item = item_at(item, index.value.unboxed());
        break;
      case Kind::kMap:
        item = member_of(item, index.value.unboxed());
        break;
      default:
        refuse(fmt::format("can't index item of type {}", type_behind(item)));
    }
  }
  return {item};
}

Value part_of(const Value& item, std::size_t begin, std::size_t end) {
  if (item.kind() == Kind::kString) return Value::text(item.text().substr(begin, end - begin));
  const auto first = item.items().begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = item.items().begin() + static_cast<std::ptrdiff_t>(end);
  return Value::list(std::vector<Value>(first, last), item.type());
}

Reflected slice(const Reflected& whole, const Rest<Reflected>& indexes) {
  const Value item = whole.value.unboxed();
  if (!item.is_valid()) refuse("slice of untyped nil");
  const std::size_t count = indexes.items.size();
  if (count > 3) refuse(fmt::format("too many slice indexes: {}", count));
  if (item.kind() == Kind::kString && count == 3) refuse("cannot 3-index slice a string");
  if (item.kind() != Kind::kString && item.kind() != Kind::kSlice)
    refuse(fmt::format("can't slice item of type {}", item.type().name));
  const auto size = static_cast<std::int64_t>(item.size());
  std::array<std::int64_t, 3> at = {0, size, size};
  for (std::size_t i = 0; i < count; ++i) at[i] = index_of(indexes.items[i].value, item.size());
  for (std::size_t i = 0; i < 2; ++i)
    if (at[i] > at[i + 1] && (i == 0 || count == 3))
      refuse(fmt::format("invalid slice index: {} > {}", at[i], at[i + 1]));
  if (item.is_nil_of_its_type()) return {item};
  return {part_of(item, static_cast<std::size_t>(at[0]), static_cast<std::size_t>(at[1]))};
}

std::int64_t length(const Reflected& whole) {
  const Value& item = whole.value;
  if (item.is_boxed() && item.is_nil()) refuse("len of nil pointer");
  if (!item.is_valid()) refuse("reflect: call of reflect.Value.Type on zero Value");
  if (item.kind() != Kind::kString && item.kind() != Kind::kSlice && item.kind() != Kind::kMap)
    refuse(fmt::format("len of type {}", type_behind(item)));
  return static_cast<std::int64_t>(item.size());
}

}  // namespace

void add_indexing(FunctionMap& functions) {
  functions["index"] = make_function(index);
  functions["slice"] = make_function(slice);
  functions["len"] = make_function(length);
}

}  // namespace tote::go_template
