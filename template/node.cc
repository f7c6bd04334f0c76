#include "template/node.h"

#include "template/quote.h"
#include "template/unicode.h"

namespace tote::go_template {
namespace {

// A pipeline in another command has its parentheses.
void write_operand(std::string& out, const Node& node) {
  const bool is_pipe = node.kind == NodeKind::kPipe;
  if (is_pipe) out += '(';
  node.write(out);
  if (is_pipe) out += ')';
}

}  // namespace

std::string Node::str() const {
  std::string out;
  write(out);
  return out;
}

void ListNode::write(std::string& out) const {
  for (const NodePtr& node : nodes) node->write(out);
}

void TextNode::write(std::string& out) const {
  out += text;
}

void VariableNode::write(std::string& out) const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += '.';
    out += names[i];
  }
}

void CommandNode::write(std::string& out) const {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out += ' ';
    write_operand(out, *arguments[i]);
  }
}

void PipeNode::write(std::string& out) const {
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (i > 0) out += ", ";
    declared[i]->write(out);
  }
  if (!declared.empty()) out += " := ";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (i > 0) out += " | ";
    commands[i]->write(out);
  }
}

void ActionNode::write(std::string& out) const {
  out += "{{";
  pipe->write(out);
  out += "}}";
}

void FieldNode::write(std::string& out) const {
  for (const std::string& name : names) {
    out += '.';
    out += name;
  }
}

void ChainNode::write(std::string& out) const {
  write_operand(out, *node);
  for (const std::string& field : fields) {
    out += '.';
    out += field;
  }
}

void WordNode::write(std::string& out) const {
  switch (kind) {
    case NodeKind::kDot:
      out += '.';
      break;
    case NodeKind::kNil:
      out += "nil";
      break;
    case NodeKind::kBreak:
      out += "{{break}}";
      break;
    case NodeKind::kContinue:
      out += "{{continue}}";
      break;
    case NodeKind::kElse:
      out += "{{else}}";
      break;
    default:
      out += "{{end}}";
  }
}

void BranchNode::write(std::string& out) const {
  out += kind == NodeKind::kIf ? "{{if " : kind == NodeKind::kRange ? "{{range " : "{{with ";
  pipe->write(out);
  out += "}}";
  list->write(out);
  if (otherwise != nullptr) {
    out += "{{else}}";
    otherwise->write(out);
  }
  out += "{{end}}";
}

void TemplateNode::write(std::string& out) const {
  out += "{{template " + go_quote(name);
  if (pipe != nullptr) {
    out += ' ';
    pipe->write(out);
  }
  out += "}}";
}

bool is_empty_tree(const Node& node) {
  if (node.kind == NodeKind::kText)
    return trim_spaces(static_cast<const TextNode&>(node).text).empty();
  if (node.kind != NodeKind::kList) return false;
  for (const NodePtr& inner : static_cast<const ListNode&>(node).nodes)
    if (!is_empty_tree(*inner)) return false;
  return true;
}

}  // namespace tote::go_template
