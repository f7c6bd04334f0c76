// The parsed form of a template.
#pragma once

#include "template/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tote::go_template {

// The text that trees were parsed from. Lives as long as they do.
struct SourceText {
  std::string name;
  std::string text;
};

enum class NodeKind : std::uint8_t {
  kText,
  kAction,
  kBool,
  kBreak,
  kChain,
  kCommand,
  kContinue,
  kDot,
  kField,
  kIdentifier,
  kIf,
  kList,
  kNil,
  kNumber,
  kPipe,
  kRange,
  kString,
  kTemplate,
  kVariable,
  kWith,
  // For the parser only.
  kEnd,
  kElse,
};

struct Node {
  NodeKind kind;
  std::size_t position = 0;  // in the text, in bytes
  const SourceText* source = nullptr;

  virtual ~Node() = default;
  // As Go writes it in errors: "(.a | len).b".
  virtual void write(std::string& out) const = 0;
  std::string str() const;

 protected:
  explicit Node(NodeKind its_kind) : kind(its_kind) {}
};

using NodePtr = std::unique_ptr<Node>;

struct ListNode final : Node {
  ListNode() : Node(NodeKind::kList) {}
  void write(std::string& out) const override;
  std::vector<NodePtr> nodes;
};

struct TextNode final : Node {
  TextNode() : Node(NodeKind::kText) {}
  void write(std::string& out) const override;
  std::string text;
};

struct VariableNode final : Node {
  VariableNode() : Node(NodeKind::kVariable) {}
  void write(std::string& out) const override;
  std::vector<std::string> names;  // "$x", then fields
};

struct CommandNode final : Node {
  CommandNode() : Node(NodeKind::kCommand) {}
  void write(std::string& out) const override;
  std::vector<NodePtr> arguments;  // the first is what is called, or the only one
};

struct PipeNode final : Node {
  PipeNode() : Node(NodeKind::kPipe) {}
  void write(std::string& out) const override;
  bool is_assignment = false;
  std::vector<std::unique_ptr<VariableNode>> declared;
  std::vector<std::unique_ptr<CommandNode>> commands;
};

struct ActionNode final : Node {
  ActionNode() : Node(NodeKind::kAction) {}
  void write(std::string& out) const override;
  std::unique_ptr<PipeNode> pipe;
};

struct FieldNode final : Node {
  FieldNode() : Node(NodeKind::kField) {}
  void write(std::string& out) const override;
  std::vector<std::string> names;
};

// "(pipe).field.field"
struct ChainNode final : Node {
  ChainNode() : Node(NodeKind::kChain) {}
  void write(std::string& out) const override;
  NodePtr node;
  std::vector<std::string> fields;
};

struct IdentifierNode final : Node {
  IdentifierNode() : Node(NodeKind::kIdentifier) {}
  void write(std::string& out) const override { out += name; }
  std::string name;
};

// ".", "nil", "{{break}}" and others that say no more than their kind.
struct WordNode final : Node {
  explicit WordNode(NodeKind its_kind) : Node(its_kind) {}
  void write(std::string& out) const override;
};

struct BoolNode final : Node {
  BoolNode() : Node(NodeKind::kBool) {}
  void write(std::string& out) const override { out += value ? "true" : "false"; }
  bool value = false;
};

// A constant, as each of the types that have it.
struct NumberNode final : Node {
  NumberNode() : Node(NodeKind::kNumber) {}
  void write(std::string& out) const override { out += text; }
  std::string text;
  bool is_integer = false;
  bool is_unsigned = false;
  bool is_float = false;
  bool is_complex = false;
  std::int64_t integer = 0;
  std::uint64_t unsigned_integer = 0;
  double floating = 0;
  std::complex<double> complex;
};

struct StringNode final : Node {
  StringNode() : Node(NodeKind::kString) {}
  void write(std::string& out) const override { out += quoted; }
  std::string quoted;  // as it is written
  Value value;
};

// kIf, kRange and kWith.
struct BranchNode final : Node {
  explicit BranchNode(NodeKind its_kind) : Node(its_kind) {}
  void write(std::string& out) const override;
  std::unique_ptr<PipeNode> pipe;
  std::unique_ptr<ListNode> list;
  std::unique_ptr<ListNode> otherwise;  // nullptr: no else
};

struct TemplateNode final : Node {
  TemplateNode() : Node(NodeKind::kTemplate) {}
  void write(std::string& out) const override;
  std::string name;
  std::unique_ptr<PipeNode> pipe;  // nullptr: none
};

// What one definition was parsed to. Immutable.
struct Tree {
  std::string name;
  std::shared_ptr<const SourceText> source;
  std::unique_ptr<ListNode> root;
};

using TreePtr = std::shared_ptr<const Tree>;

// Nothing but blanks and comments.
bool is_empty_tree(const Node& node);

}  // namespace tote::go_template
