// Functions that templates call, and how they are made of C++ functions.
#pragma once

#include "template/value.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tote::go_template {

// Random bytes for those functions that make secrets and names.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(char* bytes, std::size_t count) = 0;
};

// What a function may want of the run that it is called in. A bound that is passed is an
// Error{kParse}.
class Context {
 public:
  virtual ~Context() = default;

  // What the template of that name makes of `data`.
  virtual std::string execute(const std::string& name, const Value& data) = 0;
  // What `text` makes of it, as a template that sees those of this run.
  virtual std::string execute_text(std::string_view text, const Value& data) = 0;
  // Before something of that size is made.
  virtual void take_bytes(std::size_t count) = 0;
  // Before work that grows with what is given.
  virtual void take_steps(std::size_t count) = 0;
  // `map` has got a member with `value` inside: a knot, if the map is in it, which is undone at the
  // end of the set.
  virtual void watch(const MapPtr& map, const Value& value) = 0;
  virtual RandomSource& random() = 0;
  // How often the template of that name is at work by means of the function that asks.
  virtual std::size_t& open_calls(const std::string& name) = 0;
};

struct Function {
  enum class ShortCircuit : std::uint8_t { kNone, kAnd, kOr };

  std::vector<const Type*> parameters;  // of a variadic one: the last is its type each time
  bool is_variadic = false;
  const Type* result = &kAny;
  // Throws Error{kParse} with what went wrong and no more. The arguments fit the parameters.
  std::function<Value(Context&, const std::vector<Value>&)> body;
  // Arguments are evaluated until one decides.
  ShortCircuit short_circuit = ShortCircuit::kNone;
};

using FunctionMap = std::map<std::string, FunctionPtr, std::less<>>;

// For parameters and results of C++ functions, besides bool, std::int64_t (Go's int), double,
// std::string_view, Value (interface{}) and MapPtr (map[string]interface{}).
struct Int64 {
  std::int64_t value;
};
struct Reflected {  // even no value at all; as a result: as it is
  Value value;
};
template <const Type& type>
struct Typed {  // a value of just that type
  Value value;
};
template <class Item>
struct Rest {  // all arguments that follow
  std::vector<Item> items;
};

namespace detail {

template <class T>
struct Convert;

template <>
struct Convert<bool> {
  static constexpr const Type& type = kBoolType;
  static bool from(const Value& value) { return value.boolean(); }
  static Value to(bool value) { return Value::boolean(value); }
};
template <>
struct Convert<std::int64_t> {
  static constexpr const Type& type = kIntType;
  static std::int64_t from(const Value& value) { return value.integer(); }
  static Value to(std::int64_t value) { return Value::integer(value); }
};
template <>
struct Convert<Int64> {
  static constexpr const Type& type = kInt64Type;
  static Value to(Int64 value) { return Value::int64(value.value); }
};
template <>
struct Convert<double> {
  static constexpr const Type& type = kFloat64Type;
  static double from(const Value& value) { return value.floating(); }
  static Value to(double value) { return Value::floating(value); }
};
template <>
struct Convert<std::string_view> {
  static constexpr const Type& type = kStringType;
  static std::string_view from(const Value& value) { return value.text(); }
};
template <>
struct Convert<std::string> {
  static constexpr const Type& type = kStringType;
  static std::string from(const Value& value) { return value.text(); }
  static Value to(std::string value) { return Value::text(std::move(value)); }
};
template <>
struct Convert<Value> {
  static constexpr const Type& type = kAny;
  static Value from(const Value& value) { return value.unboxed(); }
  static Value to(Value value) { return value.boxed(); }
};
template <>
struct Convert<Reflected> {
  static constexpr const Type& type = kReflected;
  static Reflected from(const Value& value) { return {value}; }
  static Value to(Reflected value) { return std::move(value.value); }
};
template <>
struct Convert<MapPtr> {
  static constexpr const Type& type = kMapType;
  static MapPtr from(const Value& value) { return value.map(); }
  static Value to(MapPtr value) { return Value::map(std::move(value)); }
};
template <>
struct Convert<std::vector<Value>> {
  static constexpr const Type& type = kListType;
  static Value to(std::vector<Value> value) { return Value::list(std::move(value)); }
};
template <>
struct Convert<std::vector<std::string>> {
  static constexpr const Type& type = kStringsType;
  static Value to(const std::vector<std::string>& value) { return Value::strings(value); }
};
template <const Type& wanted>
struct Convert<Typed<wanted>> {
  static constexpr const Type& type = wanted;
  static Typed<wanted> from(const Value& value) { return {value.unboxed()}; }
  static Value to(Typed<wanted> value) { return value.value.unboxed(); }
};

template <class T>
struct Argument {
  static constexpr const Type& type = Convert<T>::type;
  static constexpr bool is_variadic = false;
  static T take(const std::vector<Value>& all, std::size_t position) {
    return Convert<T>::from(all[position]);
  }
};
template <class Item>
struct Argument<Rest<Item>> {
  static constexpr const Type& type = Convert<Item>::type;
  static constexpr bool is_variadic = true;
  static Rest<Item> take(const std::vector<Value>& all, std::size_t position) {
    Rest<Item> rest;
    for (; position < all.size(); ++position)
      rest.items.push_back(Convert<Item>::from(all[position]));
    return rest;
  }
};

template <class T>
using Plain = std::remove_cv_t<std::remove_reference_t<T>>;

template <class Result, class... Parameters, class Body, std::size_t... positions>
FunctionPtr wrap(Body body, std::index_sequence<positions...>) {
  auto function = std::make_shared<Function>();
  function->parameters = {&Argument<Plain<Parameters>>::type...};
  function->is_variadic = (false || ... || Argument<Plain<Parameters>>::is_variadic);
  function->result = &Convert<Result>::type;
  function->body = [body = std::move(body)](Context& context, const std::vector<Value>& all) {
    static_cast<void>(all);
    return Convert<Result>::to(body(context, Argument<Plain<Parameters>>::take(all, positions)...));
  };
  return function;
}

template <class Body, class Result, class... Parameters>
FunctionPtr wrap_call(Body body, Result (Body::*)(Parameters...) const) {
  auto with_context = [body = std::move(body)](Context&, auto&&... arguments) {
    return body(std::forward<decltype(arguments)>(arguments)...);
  };
  return wrap<Result, Parameters...>(std::move(with_context),
                                     std::index_sequence_for<Parameters...>());
}

template <class Body, class Result, class... Parameters>
FunctionPtr wrap_call(Body body, Result (Body::*)(Context&, Parameters...) const) {
  return wrap<Result, Parameters...>(std::move(body), std::index_sequence_for<Parameters...>());
}

}  // namespace detail

// Of a callable whose parameters and result are of the types above; a first parameter Context& is
// the run. The types that Go would have are taken from it.
template <class Body>
FunctionPtr make_function(Body body) {
  return detail::wrap_call(std::move(body), &Body::operator());
}
template <class Result, class... Parameters>
FunctionPtr make_function(Result (*body)(Parameters...)) {
  return make_function(
      [body](Parameters... all) -> Result { return body(std::forward<Parameters>(all)...); });
}
template <class Result, class... Parameters>
FunctionPtr make_function(Result (*body)(Context&, Parameters...)) {
  return make_function([body](Context& context, Parameters... all) -> Result {
    return body(context, std::forward<Parameters>(all)...);
  });
}

// The functions that are part of the language: and, call, eq, html, index, printf, ...
const FunctionMap& builtin_functions();

}  // namespace tote::go_template
