// Pipelines, commands, fields and variables.
#include "template/evaluator.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

bool has_any_of(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != std::string_view::npos;
}

bool is_hex_integer(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
         !has_any_of(text, "pP");
}

}  // namespace

Value Evaluator::pipeline(const Value& dot, const PipeNode& pipe) {
  at(pipe);
  Value value;
  const Value* final = nullptr;
  for (const auto& part : pipe.commands) {
    value = command(dot, *part, final).unboxed();
    final = &value;
  }
  for (const auto& declared : pipe.declared) {
    if (pipe.is_assignment)
      set_variable(declared->names.front(), value);
    else
      variables_.emplace_back(declared->names.front(), value);
  }
  return value;
}

void Evaluator::refuse_arguments(const Arguments* arguments, const Value* final) {
  if ((arguments != nullptr && arguments->size() > 1) || final != nullptr)
    fail("can't give argument to non-function " +
         (arguments == nullptr ? std::string() : arguments->front()->str()));
}

Value Evaluator::command(const Value& dot, const CommandNode& node, const Value* final) {
  run_.take_steps(1);
  const Node& first = *node.arguments.front();
  switch (first.kind) {
    case NodeKind::kField:
      return field_node(dot, static_cast<const FieldNode&>(first), &node.arguments, final);
    case NodeKind::kChain:
      return chain_node(dot, static_cast<const ChainNode&>(first), &node.arguments, final);
    case NodeKind::kIdentifier: {
      const auto& identifier = static_cast<const IdentifierNode&>(first);
      return named_call(dot, identifier, {node, identifier.name, &node.arguments, final});
    }
    case NodeKind::kPipe:
      refuse_arguments(&node.arguments, final);
      return pipeline(dot, static_cast<const PipeNode&>(first));
    case NodeKind::kVariable:
      return variable_node(dot, static_cast<const VariableNode&>(first), &node.arguments, final);
    default:
      at(first);
      refuse_arguments(&node.arguments, final);
      if (first.kind == NodeKind::kNil) fail("nil is not a command");
      return constant(dot, first);
  }
}

// What needs no call: of a type that the way it is written says.
Value Evaluator::constant(const Value& dot, const Node& node) {
  switch (node.kind) {
    case NodeKind::kBool:
      return Value::boolean(static_cast<const BoolNode&>(node).value);
    case NodeKind::kDot:
      return dot;
    case NodeKind::kNumber:
      return number(static_cast<const NumberNode&>(node));
    case NodeKind::kString:
      return static_cast<const StringNode&>(node).value;
    default:
      fail("can't evaluate command \"" + node.str() + "\"");
  }
}

Value Evaluator::number(const NumberNode& node) {
  at(node);
  if (node.is_complex) return Value::complex(node.complex);
  const bool is_character = node.text.starts_with('\'');
  if (node.is_float && !is_character && !is_hex_integer(node.text) &&
      has_any_of(node.text, ".eEpP"))
    return Value::floating(node.floating);
  if (node.is_integer) return Value::integer(node.integer);
  if (node.is_unsigned) fail(node.text + " overflows int");
  return {};
}

Value Evaluator::field_node(const Value& dot, const FieldNode& node, const Arguments* arguments,
                            const Value* final) {
  at(node);
  return fields(dot, dot, node.names, 0, {node, arguments, final});
}

Value Evaluator::chain_node(const Value& dot, const ChainNode& node, const Arguments* arguments,
                            const Value* final) {
  at(node);
  if (node.node->kind == NodeKind::kNil) fail("indirection through explicit nil in " + node.str());
  return fields(dot, argument(dot, kReflected, *node.node), node.fields, 0,
                {node, arguments, final});
}

Value Evaluator::variable_node(const Value& dot, const VariableNode& node,
                               const Arguments* arguments, const Value* final) {
  at(node);
  const Value value = variable(node.names.front());
  if (node.names.size() > 1) return fields(dot, value, node.names, 1, {node, arguments, final});
  refuse_arguments(arguments, final);
  return value;
}

// One after the other; only the last may be called with arguments.
Value Evaluator::fields(const Value& dot, Value receiver, const std::vector<std::string>& names,
                        std::size_t first, const FieldCall& call) {
  for (std::size_t i = first; i + 1 < names.size(); ++i)
    receiver = field(dot, receiver, names[i], {call.node, nullptr, nullptr});
  return field(dot, receiver, names.back(), call);
}

Value Evaluator::field(const Value& dot, const Value& receiver, const std::string& name,
                       const FieldCall& call_of) {
  if (!receiver.is_valid()) {
    if (run_.options.missing_key == MissingKey::kError)
      fail(fmt::format("nil data; no entry for key \"{}\"", name));
    return {};
  }
  const std::string_view type = receiver.static_type().name;
  if (receiver.is_nil()) fail(fmt::format("nil pointer evaluating {}.{}", type, name));
  const bool has_arguments =
      (call_of.arguments != nullptr && call_of.arguments->size() > 1) || call_of.final != nullptr;
  const bool is_object = receiver.kind() == Kind::kStruct || receiver.kind() == Kind::kPointer;
  if (is_object && !receiver.is_nil_of_its_type()) {
    if (const FunctionPtr method = receiver.object()->method(name))
      return call(dot, *method, {call_of.node, name, call_of.arguments, call_of.final});
    return object_field(receiver, name, has_arguments);
  }
  if (is_object) fail(fmt::format("nil pointer evaluating {}.{}", type, name));
  if (receiver.kind() == Kind::kMap) return map_field(receiver, name, has_arguments);
  fail(fmt::format("can't evaluate field {} in type {}", name, type));
}

Value Evaluator::object_field(const Value& receiver, const std::string& name, bool has_arguments) {
  std::optional<Value> value = receiver.object()->field(name);
  if (!value)
    fail(fmt::format("can't evaluate field {} in type {}", name, receiver.static_type().name));
  if (has_arguments) fail(fmt::format("{} has arguments but cannot be invoked as function", name));
  return std::move(*value);
}

Value Evaluator::map_field(const Value& receiver, const std::string& name, bool has_arguments) {
  if (has_arguments) fail(fmt::format("{} is not a method but has arguments", name));
  if (std::optional<Value> value = receiver.member(name)) return std::move(*value);
  switch (run_.options.missing_key) {
    case MissingKey::kInvalid:
      return {};
    case MissingKey::kZero:
      return Value::zero(*receiver.type().element);
    case MissingKey::kError:
      break;
  }
  fail(fmt::format("map has no entry for key \"{}\"", name));
}

}  // namespace tote::go_template
