// Printing, logic and calls.
#include "template/builtins.h"

#include "base/error.h"
#include "template/print.h"

#include <fmt/format.h>

namespace tote::go_template {
namespace {

FunctionPtr deciding(Function::ShortCircuit kind) {
  auto function = std::make_shared<Function>();
  function->parameters = {&kReflected, &kReflected};
  function->is_variadic = true;
  function->result = &kReflected;
  function->short_circuit = kind;
  return function;
}

// What an argument of "call" has to be; Go's words where it is not.
Value prepared(const Value& value, const Type& type, std::size_t position) {
  if (value.is_nil()) {
    if (can_be_nil(type)) return Value::zero(type);
    throw Error(ErrorKind::kParse,
                fmt::format("arg {}: value is nil; should be of type {}", position, type.name));
  }
  if (is_assignable(value.type(), type) || &type == &kReflected) return value.unboxed();
  throw Error(ErrorKind::kParse, fmt::format("arg {}: value has type {}; should be {}", position,
                                             value.type().name, type.name));
}

Reflected call(Context& context, const Reflected& called, const Rest<Reflected>& arguments) {
  if (called.value.is_nil()) throw Error(ErrorKind::kParse, "call of nil");
  if (called.value.kind() != Kind::kFunction)
    throw Error(ErrorKind::kParse,
                fmt::format("non-function of type {}", called.value.type().name));
  const Function& function = *called.value.function();
  const std::size_t wanted = function.parameters.size();
  const std::size_t got = arguments.items.size();
  if (function.is_variadic ? got + 1 < wanted : got != wanted)
    throw Error(ErrorKind::kParse, fmt::format("wrong number of args: got {} want {}{}", got,
                                               function.is_variadic ? "at least " : "",
                                               function.is_variadic ? wanted - 1 : wanted));
  std::vector<Value> all;
  for (std::size_t i = 0; i < got; ++i)
    all.push_back(
        prepared(arguments.items[i].value, *function.parameters[std::min(i, wanted - 1)], i));
  return {function.body(context, all)};
}

FunctionMap make_builtins() {
  FunctionMap all;
  all["and"] = deciding(Function::ShortCircuit::kAnd);
  all["or"] = deciding(Function::ShortCircuit::kOr);
  all["not"] = make_function([](const Reflected& value) { return !value.value.truth(); });
  all["call"] = make_function(call);
  all["print"] = make_function([](const Rest<Value>& all_of) { return print(all_of.items); });
  all["println"] =
      make_function([](const Rest<Value>& all_of) { return print_line(all_of.items); });
  all["printf"] = make_function([](std::string_view format, const Rest<Value>& all_of) {
    return print_formatted(format, all_of.items);
  });
  add_comparisons(all);
  add_indexing(all);
  add_escaping(all);
  return all;
}

}  // namespace

const FunctionMap& builtin_functions() {
  static const FunctionMap all = make_builtins();
  return all;
}

}  // namespace tote::go_template
