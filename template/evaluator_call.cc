// Calls of functions, and whether arguments fit.
#include "base/error.h"
#include "template/evaluator.h"
#include "template/quote.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {

Value Evaluator::named_call(const Value& dot, const IdentifierNode& node, const CallNode& made) {
  at(node);
  const Function* function = run_.find_function(node.name);
  if (function == nullptr) fail(fmt::format("{} is not a defined function", go_quote(node.name)));
  return call(dot, *function, made);
}

void Evaluator::check_count(const Function& function, const CallNode& made, std::size_t written) {
  const std::size_t count = written + (made.final == nullptr ? 0 : 1);
  const std::size_t wanted = function.parameters.size();
  if (function.is_variadic && count < wanted - 1)
    fail(fmt::format("wrong number of args for {}: want at least {} got {}", made.name, wanted - 1,
                     written));
  if (!function.is_variadic && count != wanted)
    fail(fmt::format("wrong number of args for {}: want {} got {}", made.name, wanted, count));
}

Value Evaluator::call(const Value& dot, const Function& function, const CallNode& made) {
  const std::size_t written =
      made.arguments == nullptr || made.arguments->empty() ? 0 : made.arguments->size() - 1;
  check_count(function, made, written);
  if (function.short_circuit != Function::ShortCircuit::kNone) return decide(dot, function, made);
  const auto parameter = [&](std::size_t position) -> const Type& {
    return position < function.parameters.size() ? *function.parameters[position]
                                                 : *function.parameters.back();
  };
  std::vector<Value> all;
  all.reserve(written + 1);
  for (std::size_t i = 0; i < written; ++i)
    all.push_back(argument(dot, parameter(i), *(*made.arguments)[i + 1]));
  if (made.final != nullptr) all.push_back(fitting(*made.final, parameter(written)));
  return invoke(function, made, all);
}

// "and" and "or": the value that decides, or the last.
Value Evaluator::decide(const Value& dot, const Function& function, const CallNode& made) {
  const bool wanted = function.short_circuit == Function::ShortCircuit::kOr;
  Value value;
  const std::size_t count = made.arguments == nullptr ? 0 : made.arguments->size();
  for (std::size_t i = 1; i < count; ++i) {
    value = argument(dot, kReflected, *(*made.arguments)[i]);
    if (value.truth() == wanted) return value;
  }
  return made.final == nullptr ? value : *made.final;
}

Value Evaluator::invoke(const Function& function, const CallNode& made,
                        const std::vector<Value>& all) {
  try {
    Value result = function.body(*this, all);
    if (result.kind() == Kind::kString) run_.take_bytes(result.text().size());
    return result;
  } catch (const Error& error) {
    at(made.node);
    fail(fmt::format("error calling {}: {}", made.name, error.message()));
  }
}

Value Evaluator::fitting(const Value& value, const Type& type) {
  if (&type == &kReflected) return value;
  if (!value.is_valid()) {
    if (can_be_nil(type)) return Value::zero(type);
    fail(fmt::format("invalid value; expected {}", type.name));
  }
  if (&type == &kAny) return value.boxed();
  if (value.is_nil() || !is_assignable(value.type(), type)) {
    const std::string_view got = value.is_nil() ? kAny.name : value.type().name;
    fail(fmt::format("wrong type for value; expected {}; got {}", type.name, got));
  }
  return value.unboxed();
}

Value Evaluator::argument(const Value& dot, const Type& type, const Node& node) {
  at(node);
  switch (node.kind) {
    case NodeKind::kDot:
      return fitting(dot, type);
    case NodeKind::kNil:
      if (&type == &kReflected) return {};
      if (can_be_nil(type)) return Value::zero(type);
      fail(fmt::format("cannot assign nil to {}", type.name));
    case NodeKind::kField: {
      const Value value = field_node(dot, static_cast<const FieldNode&>(node), nullptr, nullptr);
      return fitting(value, type);
    }
    case NodeKind::kVariable:
      return fitting(variable_node(dot, static_cast<const VariableNode&>(node), nullptr, nullptr),
                     type);
    case NodeKind::kPipe:
      return fitting(pipeline(dot, static_cast<const PipeNode&>(node)), type);
    case NodeKind::kIdentifier: {
      const auto& identifier = static_cast<const IdentifierNode&>(node);
      return fitting(named_call(dot, identifier, {node, identifier.name, nullptr, nullptr}), type);
    }
    case NodeKind::kChain:
      return fitting(chain_node(dot, static_cast<const ChainNode&>(node), nullptr, nullptr), type);
    default:
      return constant_argument(type, node);
  }
}

// A constant takes the type of its parameter, if it has a value of that.
Value Evaluator::constant_argument(const Type& type, const Node& node) {
  const auto* number_node =
      node.kind == NodeKind::kNumber ? static_cast<const NumberNode*>(&node) : nullptr;
  const auto wrong = [&](std::string_view expected) {
    fail(fmt::format("expected {}; found {}", expected, node.str()));
  };
  switch (type.kind) {
    case Kind::kBool:
      if (node.kind != NodeKind::kBool) wrong("bool");
      return constant({}, node);
    case Kind::kString:
      if (node.kind != NodeKind::kString) wrong("string");
      return constant({}, node);
    case Kind::kInt:
      if (number_node == nullptr || !number_node->is_integer) wrong("integer");
      return Value::integer(number_node->integer);
    case Kind::kInt64:
      if (number_node == nullptr || !number_node->is_integer) wrong("integer");
      return Value::int64(number_node->integer);
    case Kind::kFloat64:
      if (number_node == nullptr || !number_node->is_float) wrong("float");
      return Value::floating(number_node->floating);
    case Kind::kInterface:
      return constant({}, node).boxed();
    default:
      if (&type == &kReflected) return constant({}, node);
      fail(fmt::format("can't handle {} for arg of type {}", node.str(), type.name));
  }
}

}  // namespace tote::go_template
