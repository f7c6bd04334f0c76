// What templates work on: Go's view of data as Helm has it.
#pragma once

#include "template/type.h"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tote::go_template {

struct Function;
class List;
class Map;
class Object;

using ListPtr = std::shared_ptr<List>;
using MapPtr = std::shared_ptr<Map>;
using ObjectPtr = std::shared_ptr<const Object>;
using FunctionPtr = std::shared_ptr<const Function>;

// A value with its type, or none at all. Cheap to copy: texts, lists and maps are shared, so that
// who changes a map changes it for all who have it, as in Go. For one thread at a time.
class Value {
 public:
  Value() noexcept = default;  // none: what Go calls an invalid reflect.Value, and nil outside it

  static Value boolean(bool value) noexcept { return {kBoolType, value}; }
  static Value integer(std::int64_t value) noexcept { return {kIntType, value}; }
  static Value int64(std::int64_t value) noexcept { return {kInt64Type, value}; }
  static Value uint8(std::uint8_t value) noexcept { return {kUint8Type, std::uint64_t{value}}; }
  static Value uint64(std::uint64_t value) noexcept { return {kUint64Type, value}; }
  static Value floating(double value) noexcept { return {kFloat64Type, value}; }
  static Value complex(std::complex<double> value) noexcept { return {kComplexType, value}; }
  static Value text(std::string value);
  // []interface{}; with a type: its items have to be of the type's elements.
  static Value list(std::vector<Value> items, const Type& type = kListType);
  static Value strings(const std::vector<std::string>& items);
  static Value list(ListPtr list, const Type& type = kListType);
  static Value map(MapPtr map, const Type& type = kMapType);  // nullptr: a nil map
  static Value function(FunctionPtr function);
  static Value object(ObjectPtr object);
  // The zero of a type: 0, "", a nil list, nil.
  static Value zero(const Type& type);

  // False for what nothing gave; nil that stands in an interface is there.
  bool is_valid() const noexcept { return type_ != nullptr || is_boxed_; }
  // No value, or a nil interface.
  bool is_nil() const noexcept { return type_ == nullptr; }
  // A list, a map or an object that is nil, too.
  bool is_nil_of_its_type() const noexcept;
  // Of what it holds; kInvalid for nil.
  Kind kind() const noexcept { return type_ == nullptr ? Kind::kInvalid : type_->kind; }
  // Of a value that is not nil.
  const Type& type() const noexcept { return *type_; }
  // Where Go knows only that it is something: kAny. Of what is valid.
  const Type& static_type() const noexcept { return is_boxed_ ? kAny : *type_; }
  // Whether it is what an interface holds, as items of []interface{} are.
  bool is_boxed() const noexcept { return is_boxed_; }
  Value boxed() const;
  Value unboxed() const;

  // Of values of that kind.
  bool boolean() const { return std::get<bool>(payload_); }
  std::int64_t integer() const { return std::get<std::int64_t>(payload_); }
  std::uint64_t unsigned_integer() const { return std::get<std::uint64_t>(payload_); }
  double floating() const { return std::get<double>(payload_); }
  std::complex<double> complex() const { return std::get<std::complex<double>>(payload_); }
  const std::string& text() const;
  const std::vector<Value>& items() const;  // of a nil list: none
  Value item(std::size_t position) const;   // boxed if the list is one of interfaces
  // nullptr: it is nil.
  const ListPtr& list() const { return std::get<ListPtr>(payload_); }
  const MapPtr& map() const { return std::get<MapPtr>(payload_); }
  const ObjectPtr& object() const { return std::get<ObjectPtr>(payload_); }
  const FunctionPtr& function() const { return std::get<FunctionPtr>(payload_); }
  const std::map<std::string, Value, std::less<>>& members() const;  // of a nil map: none
  std::optional<Value> member(std::string_view name) const;  // boxed if it is one of interfaces
  // Items, members or bytes of a list, a map or a text.
  std::size_t size() const;
  // The same value as another type of the same form (a named map as a map).
  Value as(const Type& type) const;

  // What Go counts as true: what is not the zero of its type, nor empty.
  bool truth() const;

 private:
  using Payload =
      std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::complex<double>,
                   std::shared_ptr<const std::string>, ListPtr, MapPtr, ObjectPtr, FunctionPtr>;

  Value(const Type& type, Payload payload) noexcept : type_(&type), payload_(std::move(payload)) {}

  const Type* type_ = nullptr;
  bool is_boxed_ = false;
  Payload payload_;
};

// The items of a list. Its end, and that of a map, takes no more stack for what is nested deeply.
class List {
 public:
  explicit List(std::vector<Value> all) : items(std::move(all)) {}
  ~List();
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  std::vector<Value> items;
};

class Map {
 public:
  using Members = std::map<std::string, Value, std::less<>>;

  Map() = default;
  explicit Map(Members all) : members(std::move(all)) {}
  ~Map();
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;

  Members members;  // none of them boxed
};

// A value with fields and methods, as Go's structs have them. Immutable.
class Object {
 public:
  virtual ~Object() = default;

  // A struct, or a pointer to one.
  virtual const Type& type() const = 0;
  virtual std::optional<Value> field(std::string_view name) const;
  virtual FunctionPtr method(std::string_view name) const;
  // All fields, in order.
  virtual std::vector<std::pair<std::string_view, Value>> fields() const { return {}; }
  // What is printed for it, if it knows that itself (Go's Stringer).
  virtual std::optional<std::string> text() const { return std::nullopt; }
  // JSON of it, where it is not an object of its fields.
  virtual std::optional<std::string> json() const { return std::nullopt; }
};

// As Go's reflect.DeepEqual: the same types all the way down. Error{kParse} for what is nested too
// deeply.
bool deep_equal(const Value& a, const Value& b);
// With lists and maps of its own. Error{kParse} for what is nested too deeply.
Value deep_copy(const Value& value);

// How deep a value may be nested that is printed, compared or copied; one that contains itself is
// found by it.
inline constexpr std::size_t kMaxNesting = 1000;
// Error{kParse} when `depth` is more.
void check_nesting(std::size_t depth);

}  // namespace tote::go_template
