// Actions that branch, call or jump.
#include "base/error.h"
#include "template/quote.h"
#include "template/tree_parser.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
NodePtr TreeParser::jump(NodeKind kind, const Token& token, std::string_view shown) {
  if (const Token behind = next_past_spaces(); behind.kind != TokenKind::kRightDelimiter)
    unexpected(behind, shown);
  if (range_depth_ == 0) fail(fmt::format("{} outside {{{{range}}}}", shown));
  return word(kind, token.position);
}

NodePtr TreeParser::else_control() {
  const Token behind = peek_past_spaces();
  if (behind.kind == TokenKind::kIf) return word(NodeKind::kElse, behind.position);
  return word(NodeKind::kElse, expect(TokenKind::kRightDelimiter, "else").position);
}

// What is behind "else". "else if" is an if in it, and its end ends both.
std::unique_ptr<ListNode> TreeParser::else_list(bool allows_else_if, std::size_t position) {
  if (allows_else_if && peek().kind == TokenKind::kIf) {
    next();
    auto list = placed(std::make_unique<ListNode>(), position, *run_.source);
    list->nodes.push_back(control(NodeKind::kIf, "if"));
    return list;
  }
  NodePtr end;
  std::unique_ptr<ListNode> list = item_list(end);
  if (end->kind != NodeKind::kEnd) fail("expected end; found " + end->str());
  return list;
}

TreeParser::Branch TreeParser::branch(std::string_view context) {
  const std::size_t known = variables_.size();
  const bool is_range = context == "range";
  Branch out{.position = 0,
             .pipe = pipeline(context, TokenKind::kRightDelimiter),
             .list = nullptr,
             .otherwise = nullptr};
  out.position = out.pipe->position;
  if (is_range) ++range_depth_;
  NodePtr end;
  out.list = item_list(end);
  if (is_range) --range_depth_;
  if (end->kind == NodeKind::kElse) out.otherwise = else_list(context == "if", end->position);
  variables_.resize(known);
  return out;
}

NodePtr TreeParser::control(NodeKind kind, std::string_view context) {
  if (++run_.depth > kMaxParseDepth) fail("actions are nested too deeply");
  Branch parts = branch(context);
  --run_.depth;
  auto node = placed(std::make_unique<BranchNode>(kind), parts.position, *run_.source);
  node->pipe = std::move(parts.pipe);
  node->list = std::move(parts.list);
  node->otherwise = std::move(parts.otherwise);
  return node;
}

std::string TreeParser::template_name(const Token& token, std::string_view context) const {
  if (token.kind != TokenKind::kString && token.kind != TokenKind::kRawString)
    unexpected(token, context);
  return unquoted(token);
}

NodePtr TreeParser::block_control() {
  constexpr std::string_view kContext = "block clause";
  const Token token = next_past_spaces();
  auto node = placed(std::make_unique<TemplateNode>(), token.position, *run_.source);
  node->name = template_name(token, kContext);
  node->pipe = pipeline(kContext, TokenKind::kRightDelimiter);
  TreeParser block(run_, node->name);
  NodePtr end;
  block.root_ = block.item_list(end);
  if (end->kind != NodeKind::kEnd) fail(fmt::format("unexpected {} in {}", end->str(), kContext));
  block.add();
  return node;
}

NodePtr TreeParser::template_control() {
  constexpr std::string_view kContext = "template clause";
  const Token token = next_past_spaces();
  auto node = placed(std::make_unique<TemplateNode>(), token.position, *run_.source);
  node->name = template_name(token, kContext);
  if (next_past_spaces().kind == TokenKind::kRightDelimiter) return node;
  back();
  node->pipe = pipeline(kContext, TokenKind::kRightDelimiter);
  return node;
}

}  // namespace tote::go_template
