// Commands and what they are made of.
#include "base/error.h"
#include "template/number_constant.h"
#include "template/quote.h"
#include "template/tree_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::go_template {
namespace {

std::vector<std::string> field_names(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t begin = 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    names.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

}  // namespace

std::unique_ptr<CommandNode> TreeParser::command() {
  auto node = placed(std::make_unique<CommandNode>(), peek_past_spaces().position, *run_.source);
  while (true) {
    peek_past_spaces();
    if (NodePtr argument = operand()) node->arguments.push_back(std::move(argument));
    const Token token = next();
    if (token.kind == TokenKind::kSpace) continue;
    if (token.kind == TokenKind::kRightDelimiter || token.kind == TokenKind::kRightParen)
      back();
    else if (token.kind != TokenKind::kPipe)
      unexpected(token, "operand");
    break;
  }
  if (node->arguments.empty()) fail("empty command");
  return node;
}

NodePtr TreeParser::operand() {
  NodePtr node = term();
  if (node == nullptr || peek().kind != TokenKind::kField) return node;
  return chained(std::move(node));
}

NodePtr TreeParser::chained(NodePtr node) {
  auto chain = placed(std::make_unique<ChainNode>(), peek().position, *run_.source);
  while (peek().kind == TokenKind::kField) chain->fields.push_back(next().text.substr(1));
  const auto append_fields = [&](std::vector<std::string>& names) {
    names.insert(names.end(), chain->fields.begin(), chain->fields.end());
  };
  switch (node->kind) {
    case NodeKind::kField:
      append_fields(static_cast<FieldNode&>(*node).names);
      node->position = chain->position;
      return node;
    case NodeKind::kVariable:
      append_fields(static_cast<VariableNode&>(*node).names);
      node->position = chain->position;
      return node;
    case NodeKind::kBool:
    case NodeKind::kString:
    case NodeKind::kNumber:
    case NodeKind::kNil:
    case NodeKind::kDot:
      fail("unexpected . after term " + go_quote(node->str()));
    default:
      chain->node = std::move(node);
      return chain;
  }
}

NodePtr TreeParser::number(const Token& token) const {
  try {
    return placed(number_constant(token), token.position, *run_.source);
  } catch (const Error& error) {
    fail(error.message());
  }
}

NodePtr TreeParser::used_variable(const Token& token) const {
  if (std::find(variables_.begin(), variables_.end(), token.text) == variables_.end())
    fail("undefined variable " + go_quote(token.text));
  return variable(token.position, token.text);
}

// nullptr: what comes next is none.
NodePtr TreeParser::term() {
  const Token token = next_past_spaces();
  const auto placed_here = [&](auto node) {
    return placed(std::move(node), token.position, *run_.source);
  };
  switch (token.kind) {
    case TokenKind::kIdentifier: {
      if (!run_.has_function(token.text))
        fail(fmt::format("function {} not defined", go_quote(token.text)));
      auto node = placed_here(std::make_unique<IdentifierNode>());
      node->name = token.text;
      return node;
    }
    case TokenKind::kDot:
      return word(NodeKind::kDot, token.position);
    case TokenKind::kNil:
      return word(NodeKind::kNil, token.position);
    case TokenKind::kVariable:
      return used_variable(token);
    case TokenKind::kField: {
      auto node = placed_here(std::make_unique<FieldNode>());
      node->names = field_names(token.text);
      return node;
    }
    case TokenKind::kBool: {
      auto node = placed_here(std::make_unique<BoolNode>());
      node->value = token.text == "true";
      return node;
    }
    case TokenKind::kCharConstant:
    case TokenKind::kComplex:
    case TokenKind::kNumber:
      return number(token);
    case TokenKind::kLeftParen:
      return pipeline("parenthesized pipeline", TokenKind::kRightParen);
    case TokenKind::kString:
    case TokenKind::kRawString: {
      auto node = placed_here(std::make_unique<StringNode>());
      node->quoted = token.text;
      node->value = Value::text(unquoted(token));
      return node;
    }
    default:
      back();
      return nullptr;
  }
}

}  // namespace tote::go_template
