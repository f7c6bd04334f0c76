// Walks the tree of one template; for template/evaluator*.cc.
#pragma once

#include "template/node.h"
#include "template/run.h"
#include "template/value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::go_template {

// One template at work. Those that it calls have their own.
class Evaluator final : private Context {
 public:
  Evaluator(Run& run, const TreeLayer& layer, const Tree& tree, std::string& out, Value data);

  void execute();

 private:
  enum class Flow : std::uint8_t { kOn, kBreak, kContinue };
  using Arguments = std::vector<NodePtr>;

  // evaluator.cc: what stands in a text.
  Flow walk(const Value& dot, const Node& node);
  Flow walk_list(const Value& dot, const ListNode& list);
  Flow walk_branch(const Value& dot, const BranchNode& node);
  Flow walk_range(const Value& dot, const BranchNode& node);
  Flow walk_items(const BranchNode& node, const Value& list);
  Flow walk_members(const BranchNode& node, const Value& map);
  bool iterate(const BranchNode& node, const Value& key, const Value& item, Flow& flow);
  void walk_template(const Value& dot, const TemplateNode& node);
  void write(std::string_view text);
  void write_result(const ActionNode& node, const Value& value);

  // evaluator_pipe.cc: pipelines and what they are made of. `final`, the value in front of a "|",
  // is the last argument; nullptr: there is none.
  Value pipeline(const Value& dot, const PipeNode& pipe);
  Value command(const Value& dot, const CommandNode& node, const Value* final);
  Value constant(const Value& dot, const Node& node);
  Value number(const NumberNode& node);
  Value field_node(const Value& dot, const FieldNode& node, const Arguments* arguments,
                   const Value* final);
  Value chain_node(const Value& dot, const ChainNode& node, const Arguments* arguments,
                   const Value* final);
  Value variable_node(const Value& dot, const VariableNode& node, const Arguments* arguments,
                      const Value* final);
  struct FieldCall {
    const Node& node;
    const Arguments* arguments;  // the first is the field itself; nullptr: none
    const Value* final;
  };
  Value fields(const Value& dot, Value receiver, const std::vector<std::string>& names,
               std::size_t first, const FieldCall& call);
  Value field(const Value& dot, const Value& receiver, const std::string& name,
              const FieldCall& call);
  Value object_field(const Value& receiver, const std::string& name, bool has_arguments);
  Value map_field(const Value& receiver, const std::string& name, bool has_arguments);
  void refuse_arguments(const Arguments* arguments, const Value* final);

  // evaluator_call.cc: calls and their arguments.
  struct CallNode {
    const Node& node;  // for errors of the function itself
    const std::string& name;
    const Arguments* arguments;
    const Value* final;
  };
  Value named_call(const Value& dot, const IdentifierNode& node, const CallNode& call);
  Value call(const Value& dot, const Function& function, const CallNode& call);
  void check_count(const Function& function, const CallNode& call, std::size_t written);
  Value decide(const Value& dot, const Function& function, const CallNode& call);
  Value invoke(const Function& function, const CallNode& call, const std::vector<Value>& all);
  Value argument(const Value& dot, const Type& type, const Node& node);
  Value constant_argument(const Type& type, const Node& node);
  Value fitting(const Value& value, const Type& type);

  // Context, for functions.
  std::string execute(const std::string& name, const Value& data) override;
  std::string execute_text(std::string_view text, const Value& data) override;
  void take_bytes(std::size_t count) override { run_.take_bytes(count); }
  void take_steps(std::size_t count) override { run_.take_steps(count); }
  void watch(const MapPtr& map, const Value& value) override { run_.knots.watch(map, value); }
  RandomSource& random() override { return run_.random; }
  std::size_t& open_calls(const std::string& name) override { return run_.open_calls[name]; }

  void at(const Node& node) noexcept { node_ = &node; }
  [[noreturn]] void fail(const std::string& what) const;
  void set_variable(std::string_view name, const Value& value);
  const Value& variable(std::string_view name) const;

  Run& run_;
  const TreeLayer& layer_;
  const Tree& tree_;
  std::string& out_;
  std::vector<std::pair<std::string_view, Value>> variables_;
  const Node* node_ = nullptr;  // what is being looked at, for errors
};

}  // namespace tote::go_template
