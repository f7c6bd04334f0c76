#include "template/value.h"

#include "base/error.h"

#include <utility>

namespace tote::go_template {
namespace {

// Destroys values one after the other instead of one inside the other.
class Graveyard {
 public:
  void add(Value value) { waiting_.push_back(std::move(value)); }
  void clear() {
    if (is_clearing_) return;
    is_clearing_ = true;
    while (!waiting_.empty()) {
      const Value last = std::move(waiting_.back());
      waiting_.pop_back();
    }
    is_clearing_ = false;
  }

 private:
  std::vector<Value> waiting_;
  bool is_clearing_ = false;
};

Graveyard& graveyard() {
  thread_local Graveyard here;
  return here;
}

bool can_hold_others(const Value& value) {
  return value.kind() == Kind::kSlice || value.kind() == Kind::kMap;
}

template <class Pointer>
bool is_null(const Pointer* pointer) {
  return pointer != nullptr && *pointer == nullptr;
}

}  // namespace

List::~List() {
  for (Value& item : items)
    if (can_hold_others(item)) graveyard().add(std::move(item));
  graveyard().clear();
}

Map::~Map() {
  for (auto& [name, member] : members)
    if (can_hold_others(member)) graveyard().add(std::move(member));
  graveyard().clear();
}

std::optional<Value> Object::field(std::string_view) const {
  return std::nullopt;
}

FunctionPtr Object::method(std::string_view) const {
  return nullptr;
}

Value Value::text(std::string value) {
  return {kStringType, std::make_shared<const std::string>(std::move(value))};
}

Value Value::list(std::vector<Value> items, const Type& type) {
  for (Value& item : items) item.is_boxed_ = false;
  return {type, std::make_shared<List>(std::move(items))};
}

Value Value::list(ListPtr list, const Type& type) {
  return {type, std::move(list)};
}

Value Value::strings(const std::vector<std::string>& items) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const std::string& item : items) values.push_back(text(item));
  return list(std::move(values), kStringsType);
}

Value Value::map(MapPtr map, const Type& type) {
  return {type, std::move(map)};
}

Value Value::function(FunctionPtr function) {
  return {kFunctionType, std::move(function)};
}

Value Value::object(ObjectPtr object) {
  const Type& type = object->type();
  return {type, std::move(object)};
}

Value Value::zero(const Type& type) {
  switch (type.kind) {
    case Kind::kInvalid:
      return {};
    case Kind::kBool:
      return {type, false};
    case Kind::kInt:
    case Kind::kInt64:
      return {type, std::int64_t{0}};
    case Kind::kUint8:
    case Kind::kUint64:
      return {type, std::uint64_t{0}};
    case Kind::kFloat64:
      return {type, 0.0};
    case Kind::kComplex128:
      return {type, std::complex<double>()};
    case Kind::kString:
      return text("");
    case Kind::kSlice:
      return {type, ListPtr()};
    case Kind::kMap:
      return {type, MapPtr()};
    case Kind::kFunction:
      return {type, FunctionPtr()};
    case Kind::kInterface:
      return Value().boxed();
    case Kind::kStruct:
    case Kind::kPointer:
      return {type, ObjectPtr()};
  }
  return {};
}

bool Value::is_nil_of_its_type() const noexcept {
  return is_nil() || is_null(std::get_if<ListPtr>(&payload_)) ||
         is_null(std::get_if<MapPtr>(&payload_)) || is_null(std::get_if<ObjectPtr>(&payload_)) ||
         is_null(std::get_if<FunctionPtr>(&payload_));
}

Value Value::boxed() const {
  Value out = *this;
  out.is_boxed_ = true;
  return out;
}

Value Value::unboxed() const {
  Value out = *this;
  out.is_boxed_ = false;
  return out;
}

const std::string& Value::text() const {
  return *std::get<std::shared_ptr<const std::string>>(payload_);
}

const std::vector<Value>& Value::items() const {
  static const std::vector<Value> none;
  const ListPtr& all = list();
  return all == nullptr ? none : all->items;
}

Value Value::item(std::size_t position) const {
  Value out = items()[position];
  out.is_boxed_ = type_->element == &kAny;
  return out;
}

const Map::Members& Value::members() const {
  static const Map::Members none;
  const MapPtr& all = map();
  return all == nullptr ? none : all->members;
}

std::optional<Value> Value::member(std::string_view name) const {
  const auto found = members().find(name);
  if (found == members().end()) return std::nullopt;
  Value out = found->second;
  out.is_boxed_ = type_->element == &kAny;
  return out;
}

std::size_t Value::size() const {
  if (kind() == Kind::kString) return text().size();
  return kind() == Kind::kMap ? members().size() : items().size();
}

Value Value::as(const Type& type) const {
  Value out = *this;
  out.type_ = &type;
  return out;
}

bool Value::truth() const {
  switch (kind()) {
    case Kind::kInvalid:
      return false;
    case Kind::kBool:
      return boolean();
    case Kind::kInt:
    case Kind::kInt64:
      return integer() != 0;
    case Kind::kUint8:
    case Kind::kUint64:
      return unsigned_integer() != 0;
    case Kind::kFloat64:
      return floating() != 0;
    case Kind::kComplex128:
      return complex() != std::complex<double>();
    case Kind::kString:
    case Kind::kSlice:
    case Kind::kMap:
      return size() != 0;
    case Kind::kStruct:
    case Kind::kFunction:
    case Kind::kPointer:
    case Kind::kInterface:
      return kind() == Kind::kStruct || !is_nil_of_its_type();
  }
  return false;
}

void check_nesting(std::size_t depth) {
  if (depth > kMaxNesting)
    throw Error(ErrorKind::kParse, "a value is nested more than " + std::to_string(kMaxNesting) +
                                       " deep, or contains itself");
}

namespace {

bool equal_at(const Value& a, const Value& b, std::size_t depth);

bool equal_lists(const Value& a, const Value& b, std::size_t depth) {
  if (a.list() == b.list()) return true;
  if (a.is_nil_of_its_type() || b.is_nil_of_its_type() || a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!equal_at(a.items()[i], b.items()[i], depth + 1)) return false;
  return true;
}

bool equal_maps(const Value& a, const Value& b, std::size_t depth) {
  if (a.map() == b.map()) return true;
  if (a.is_nil_of_its_type() || b.is_nil_of_its_type() || a.size() != b.size()) return false;
  auto other = b.members().begin();
  for (const auto& [name, member] : a.members()) {
    if (name != other->first || !equal_at(member, other->second, depth + 1)) return false;
    ++other;
  }
  return true;
}

bool equal_at(const Value& a, const Value& b, std::size_t depth) {
  check_nesting(depth);
  if (a.is_nil() || b.is_nil()) return a.is_nil() && b.is_nil();
  if (&a.type() != &b.type()) return false;
  switch (a.kind()) {
    case Kind::kBool:
      return a.boolean() == b.boolean();
    case Kind::kInt:
    case Kind::kInt64:
      return a.integer() == b.integer();
    case Kind::kUint8:
    case Kind::kUint64:
      return a.unsigned_integer() == b.unsigned_integer();
    case Kind::kFloat64:
      return a.floating() == b.floating();
    case Kind::kComplex128:
      return a.complex() == b.complex();
    case Kind::kString:
      return a.text() == b.text();
    case Kind::kSlice:
      return equal_lists(a, b, depth);
    case Kind::kMap:
      return equal_maps(a, b, depth);
    case Kind::kStruct:
    case Kind::kPointer:
      return a.object() == b.object();
    case Kind::kFunction:
    case Kind::kInterface:
    case Kind::kInvalid:
      break;
  }
  return false;
}

Value copy_at(const Value& value, std::size_t depth) {
  check_nesting(depth);
  if (value.is_nil_of_its_type()) return value;
  if (value.kind() == Kind::kSlice) {
    std::vector<Value> items;
    items.reserve(value.size());
    for (const Value& item : value.items()) items.push_back(copy_at(item, depth + 1));
    return Value::list(std::move(items), value.type());
  }
  if (value.kind() != Kind::kMap) return value;
  auto map = std::make_shared<Map>();
  for (const auto& [name, member] : value.members())
    map->members.emplace_hint(map->members.end(), name, copy_at(member, depth + 1));
  return Value::map(std::move(map), value.type());
}

}  // namespace

bool deep_equal(const Value& a, const Value& b) {
  return equal_at(a, b, 0);
}

Value deep_copy(const Value& value) {
  return copy_at(value, 0);
}

}  // namespace tote::go_template
