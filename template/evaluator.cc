#include "template/evaluator.h"

#include "base/error.h"
#include "template/print.h"
#include "template/quote.h"
#include "template/stack_space.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::go_template {
namespace {

// "NAME:LINE:COLUMN", the column from 0 on and in bytes.
std::string place_of(const Node& node) {
  const std::string_view before = std::string_view(node.source->text).substr(0, node.position);
  const std::size_t line_break = before.rfind('\n');
  const std::size_t column =
      line_break == std::string_view::npos ? before.size() : before.size() - line_break - 1;
  return fmt::format("{}:{}:{}", node.source->name,
                     1 + std::count(before.begin(), before.end(), '\n'), column);
}

// One level deeper for as long as it lives.
class Depth {
 public:
  explicit Depth(Run& run) : run_(run) { ++run_.depth; }
  ~Depth() { --run_.depth; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Run& run_;
};

}  // namespace

std::string execute_tree(Run& run, const TreeLayer& layer, const Tree& tree, const Value& data) {
  const Depth deeper(run);
  if (run.depth > run.options.limits.depth || !has_stack_space())
    throw Error(ErrorKind::kParse, fmt::format("exceeded maximum template depth ({})", run.depth));
  std::string out;
  Evaluator(run, layer, tree, out, data).execute();
  return out;
}

Evaluator::Evaluator(Run& run, const TreeLayer& layer, const Tree& tree, std::string& out,
                     Value data)
    : run_(run), layer_(layer), tree_(tree), out_(out) {
  variables_.emplace_back("$", std::move(data));
}

void Evaluator::execute() {
  const Value dot = variables_.front().second;
  walk_list(dot, *tree_.root);
}

void Evaluator::fail(const std::string& what) const {
  if (node_ == nullptr)
    throw Error(ErrorKind::kParse, fmt::format("template: {}: {}", tree_.name, what));
  throw Error(ErrorKind::kParse,
              fmt::format("template: {}: executing {} at <{}>: {}", place_of(*node_),
                          go_quote(tree_.name), node_->str(), what));
}

void Evaluator::set_variable(std::string_view name, const Value& value) {
  for (auto known = variables_.rbegin(); known != variables_.rend(); ++known) {
    if (known->first != name) continue;
    known->second = value;
    return;
  }
  fail(fmt::format("undefined variable: {}", name));
}

const Value& Evaluator::variable(std::string_view name) const {
  for (auto known = variables_.rbegin(); known != variables_.rend(); ++known)
    if (known->first == name) return known->second;
  fail(fmt::format("undefined variable: {}", name));
}

void Evaluator::write(std::string_view text) {
  const std::size_t most = run_.options.limits.output;
  if (text.size() > most - std::min(most, out_.size()))
    fail(fmt::format("more than {} bytes of output", most));
  out_ += text;
}

void Evaluator::write_result(const ActionNode& node, const Value& value) {
  at(node);
  if (value.kind() == Kind::kFunction)
    fail(fmt::format("can't print {} of type {}", node.str(), value.type().name));
  try {
    if (value.kind() == Kind::kString) return write(value.text());
    write(print_result(value));
  } catch (const Error& error) {
    if (error.message().starts_with("template: ")) throw;
    fail(error.message());
  }
}

Evaluator::Flow Evaluator::walk_list(const Value& dot, const ListNode& list) {
  at(list);
  for (const NodePtr& node : list.nodes)
    if (const Flow flow = walk(dot, *node); flow != Flow::kOn) return flow;
  return Flow::kOn;
}

Evaluator::Flow Evaluator::walk(const Value& dot, const Node& node) {
  at(node);
  run_.take_steps(1);
  switch (node.kind) {
    case NodeKind::kText:
      write(static_cast<const TextNode&>(node).text);
      return Flow::kOn;
    case NodeKind::kAction: {
      const auto& action = static_cast<const ActionNode&>(node);
      const Value value = pipeline(dot, *action.pipe);
      if (action.pipe->declared.empty()) write_result(action, value);
      return Flow::kOn;
    }
    case NodeKind::kBreak:
      return Flow::kBreak;
    case NodeKind::kContinue:
      return Flow::kContinue;
    case NodeKind::kRange:
      return walk_range(dot, static_cast<const BranchNode&>(node));
    case NodeKind::kTemplate:
      walk_template(dot, static_cast<const TemplateNode&>(node));
      return Flow::kOn;
    default:
      return walk_branch(dot, static_cast<const BranchNode&>(node));
  }
}

// If and with.
Evaluator::Flow Evaluator::walk_branch(const Value& dot, const BranchNode& node) {
  const std::size_t known = variables_.size();
  const Value value = pipeline(dot, *node.pipe);
  Flow flow = Flow::kOn;
  if (value.truth())
    flow = walk_list(node.kind == NodeKind::kWith ? value : dot, *node.list);
  else if (node.otherwise != nullptr)
    flow = walk_list(dot, *node.otherwise);
  variables_.resize(known);
  return flow;
}

Evaluator::Flow Evaluator::walk_range(const Value& dot, const BranchNode& node) {
  const std::size_t known = variables_.size();
  const Value value = pipeline(dot, *node.pipe);
  Flow flow = Flow::kOn;
  switch (value.kind()) {
    case Kind::kSlice:
      if (value.size() > 0) flow = walk_items(node, value);
      break;
    case Kind::kMap:
      if (value.size() > 0) flow = walk_members(node, value);
      break;
    case Kind::kInvalid:
      break;
    default:
      fail("range can't iterate over " + print(value));
  }
  const bool is_empty = value.is_nil() || value.size() == 0;
  if (is_empty && node.otherwise != nullptr) flow = walk_list(dot, *node.otherwise);
  variables_.resize(known);
  return flow;
}

// False: the loop ends.
bool Evaluator::iterate(const BranchNode& node, const Value& key, const Value& item, Flow& flow) {
  run_.take_steps(1);
  const std::size_t declared = node.pipe->declared.size();
  if (declared > 0) variables_[variables_.size() - 1].second = item;
  if (declared > 1) variables_[variables_.size() - 2].second = key;
  const std::size_t known = variables_.size();
  flow = walk_list(item, *node.list);
  variables_.resize(known);
  const bool goes_on = flow != Flow::kBreak;
  flow = Flow::kOn;
  return goes_on;
}

Evaluator::Flow Evaluator::walk_items(const BranchNode& node, const Value& list) {
  Flow flow = Flow::kOn;
  const std::size_t size = list.size();
  for (std::size_t i = 0; i < size; ++i)
    if (!iterate(node, Value::integer(static_cast<std::int64_t>(i)), list.item(i), flow)) break;
  return flow;
}

// What there is when it begins: the body may change the map.
Evaluator::Flow Evaluator::walk_members(const BranchNode& node, const Value& map) {
  Flow flow = Flow::kOn;
  const Map::Members members = map.members();
  const bool is_boxed = map.type().element == &kAny;
  for (const auto& [name, member] : members)
    if (!iterate(node, Value::text(name), is_boxed ? member.boxed() : member, flow)) break;
  return flow;
}

void Evaluator::walk_template(const Value& dot, const TemplateNode& node) {
  const Tree* tree = layer_.find(node.name);
  if (tree == nullptr) fail(fmt::format("template {} not defined", go_quote(node.name)));
  const Depth deeper(run_);
  if (run_.depth > run_.options.limits.depth || !has_stack_space())
    fail(fmt::format("exceeded maximum template depth ({})", run_.depth - 1));
  const Value data = node.pipe == nullptr ? Value() : pipeline(dot, *node.pipe);
  Evaluator(run_, layer_, *tree, out_, data).execute();
}

std::string Evaluator::execute(const std::string& name, const Value& data) {
  return execute_named(run_, layer_, name, data);
}

std::string Evaluator::execute_text(std::string_view text, const Value& data) {
  run_.take_bytes(text.size());
  const std::string& name = run_.options.name;
  TreeLayer layer{.trees = {}, .below = &layer_};
  Trees trees = parse_for(run_.functions, name, text);
  const TreePtr tree = trees.at(name);
  layer.add(std::move(trees));
  return execute_tree(run_, layer, *tree, data);
}

}  // namespace tote::go_template
