#include "template/parser.h"

#include "base/error.h"
#include "base/text.h"
#include "template/quote.h"
#include "template/tree_parser.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

// Counts how deep the parser is in itself.
class Descent {
 public:
  explicit Descent(ParseRun& run) : run_(run) { ++run_.depth; }
  ~Descent() { --run_.depth; }
  Descent(const Descent&) = delete;
  Descent& operator=(const Descent&) = delete;

 private:
  ParseRun& run_;
};

}  // namespace

Trees parse_trees(const std::string& name, std::string_view text,
                  const std::function<bool(std::string_view)>& has_function) {
  auto source = std::make_shared<const SourceText>(SourceText{name, std::string(text)});
  const LexerWords words{.has_break = !has_function("break"),
                         .has_continue = !has_function("continue")};
  ParseRun run{.source = source,
               .lexer = Lexer(source->text, words),
               .has_function = has_function,
               .trees = {}};
  TreeParser(run, name).parse_text();
  return std::move(run.trees);
}

Token TreeParser::next() {
  if (ahead_ > 0)
    --ahead_;
  else
    tokens_[0] = run_.lexer.next();
  return tokens_[ahead_];
}

const Token& TreeParser::peek() {
  if (ahead_ > 0) return tokens_[ahead_ - 1];
  ahead_ = 1;
  tokens_[0] = run_.lexer.next();
  return tokens_[0];
}

Token TreeParser::next_past_spaces() {
  Token token = next();
  while (token.kind == TokenKind::kSpace) token = next();
  return token;
}

Token TreeParser::peek_past_spaces() {
  Token token = next_past_spaces();
  back();
  return token;
}

void TreeParser::back_two(Token first) {
  tokens_[1] = std::move(first);
  ahead_ = 2;
}

void TreeParser::back_three(Token first, Token second) {
  tokens_[1] = std::move(second);
  tokens_[2] = std::move(first);
  ahead_ = 3;
}

void TreeParser::fail(const std::string& what) const {
  throw Error(ErrorKind::kParse,
              fmt::format("template: {}:{}: {}", run_.source->name, tokens_[0].line, what));
}

void TreeParser::unexpected(const Token& token, std::string_view context) const {
  if (token.kind != TokenKind::kError)
    fail(fmt::format("unexpected {} in {}", token.str(), context));
  std::string begun;
  if (action_line_ != 0 && action_line_ != token.line)
    begun = fmt::format("{} started at {}:{}", token.text.ends_with(" action") ? "" : " in action",
                        run_.source->name, action_line_);
  fail(token.str() + begun);
}

Token TreeParser::expect(TokenKind kind, std::string_view context) {
  Token token = next_past_spaces();
  if (token.kind != kind) unexpected(token, context);
  return token;
}

NodePtr TreeParser::word(NodeKind kind, std::size_t position) const {
  return placed(std::make_unique<WordNode>(kind), position, *run_.source);
}

std::unique_ptr<VariableNode> TreeParser::variable(std::size_t position,
                                                   std::string_view text) const {
  auto node = placed(std::make_unique<VariableNode>(), position, *run_.source);
  node->names = split(text, '.');
  return node;
}

std::string TreeParser::unquoted(const Token& token) const {
  std::optional<std::string> text = go_unquote(token.text);
  if (!text) fail("invalid syntax");
  return std::move(*text);
}

void TreeParser::add() {
  TreePtr& known = run_.trees[name_];
  if (known == nullptr || is_empty_tree(*known->root)) {
    known = std::make_shared<Tree>(Tree{name_, run_.source, std::move(root_)});
  } else if (!is_empty_tree(*root_)) {
    fail(fmt::format("template: multiple definition of template {}", go_quote(name_)));
  }
}

void TreeParser::parse_text() {
  root_ = placed(std::make_unique<ListNode>(), peek().position, *run_.source);
  while (peek().kind != TokenKind::kEnd) {
    if (peek().kind == TokenKind::kLeftDelimiter) {
      Token delimiter = next();
      if (next_past_spaces().kind == TokenKind::kDefine) {
        TreeParser(run_, "definition").parse_definition();
        continue;
      }
      back_two(std::move(delimiter));
    }
    NodePtr node = text_or_action();
    if (node->kind == NodeKind::kEnd || node->kind == NodeKind::kElse)
      fail("unexpected " + node->str());
    root_->nodes.push_back(std::move(node));
  }
  add();
}

void TreeParser::parse_definition() {
  constexpr std::string_view kContext = "define clause";
  const Token token = next_past_spaces();
  name_ = template_name(token, kContext);
  expect(TokenKind::kRightDelimiter, kContext);
  NodePtr end;
  root_ = item_list(end);
  if (end->kind != NodeKind::kEnd) fail(fmt::format("unexpected {} in {}", end->str(), kContext));
  add();
}

std::unique_ptr<ListNode> TreeParser::item_list(NodePtr& end) {
  auto list = placed(std::make_unique<ListNode>(), peek_past_spaces().position, *run_.source);
  while (peek_past_spaces().kind != TokenKind::kEnd) {
    NodePtr node = text_or_action();
    if (node->kind == NodeKind::kEnd || node->kind == NodeKind::kElse) {
      end = std::move(node);
      return list;
    }
    list->nodes.push_back(std::move(node));
  }
  fail("unexpected EOF");
}

NodePtr TreeParser::text_or_action() {
  const Descent descent(run_);
  if (run_.depth > kMaxParseDepth) fail("actions are nested too deeply");
  Token token = next_past_spaces();
  if (token.kind == TokenKind::kText) {
    auto node = placed(std::make_unique<TextNode>(), token.position, *run_.source);
    node->text = std::move(token.text);
    return node;
  }
  if (token.kind != TokenKind::kLeftDelimiter) unexpected(token, "input");
  action_line_ = token.line;
  NodePtr node = action();
  action_line_ = 0;
  return node;
}

NodePtr TreeParser::action() {
  const Token token = next_past_spaces();
  switch (token.kind) {
    case TokenKind::kBlock:
      return block_control();
    case TokenKind::kBreak:
      return jump(NodeKind::kBreak, token, "{{break}}");
    case TokenKind::kContinue:
      return jump(NodeKind::kContinue, token, "{{continue}}");
    case TokenKind::kElse:
      return else_control();
    case TokenKind::kEndWord:
      return word(NodeKind::kEnd, expect(TokenKind::kRightDelimiter, "end").position);
    case TokenKind::kIf:
      return control(NodeKind::kIf, "if");
    case TokenKind::kRange:
      return control(NodeKind::kRange, "range");
    case TokenKind::kTemplate:
      return template_control();
    case TokenKind::kWith:
      return control(NodeKind::kWith, "with");
    default:
      break;
  }
  back();
  auto node = placed(std::make_unique<ActionNode>(), peek().position, *run_.source);
  node->pipe = pipeline("command", TokenKind::kRightDelimiter);
  return node;
}

std::unique_ptr<PipeNode> TreeParser::pipeline(std::string_view context, TokenKind end) {
  const Descent descent(run_);
  if (run_.depth > kMaxParseDepth) fail("parentheses are nested too deeply");
  auto pipe = placed(std::make_unique<PipeNode>(), peek_past_spaces().position, *run_.source);
  declarations(*pipe, context);
  while (true) {
    const Token token = next_past_spaces();
    if (token.kind == end) {
      check_pipeline(*pipe, context);
      return pipe;
    }
    switch (token.kind) {
      case TokenKind::kBool:
      case TokenKind::kCharConstant:
      case TokenKind::kComplex:
      case TokenKind::kDot:
      case TokenKind::kField:
      case TokenKind::kIdentifier:
      case TokenKind::kNumber:
      case TokenKind::kNil:
      case TokenKind::kRawString:
      case TokenKind::kString:
      case TokenKind::kVariable:
      case TokenKind::kLeftParen:
        back();
        pipe->commands.push_back(command());
        break;
      default:
        unexpected(token, context);
    }
  }
}

void TreeParser::declarations(PipeNode& pipe, std::string_view context) {
  while (true) {
    const Token first = peek_past_spaces();
    if (first.kind != TokenKind::kVariable) return;
    next();
    Token behind = peek();
    if (declaration(pipe, first, context)) continue;
    if (!pipe.declared.empty() && pipe.declared.back()->position == first.position) return;
    // It is an operand: back with it.
    if (behind.kind == TokenKind::kSpace)
      back_three(first, std::move(behind));
    else
      back_two(first);
    return;
  }
}

// Whether another one follows.
bool TreeParser::declaration(PipeNode& pipe, const Token& first, std::string_view context) {
  const Token sign = peek_past_spaces();
  const bool is_comma = sign.kind == TokenKind::kChar && sign.text == ",";
  const bool is_last = sign.kind == TokenKind::kAssign || sign.kind == TokenKind::kDeclare;
  if (!is_comma && !is_last) return false;
  if (is_last) pipe.is_assignment = sign.kind == TokenKind::kAssign;
  next_past_spaces();
  pipe.declared.push_back(variable(first.position, first.text));
  variables_.push_back(first.text);
  if (is_last) return false;
  if (context != "range" || pipe.declared.size() >= 2)
    fail(fmt::format("too many declarations in {}", context));
  switch (peek_past_spaces().kind) {
    case TokenKind::kVariable:
    case TokenKind::kRightDelimiter:
    case TokenKind::kRightParen:
      return true;
    default:
      fail("range can only initialize variables");
  }
}

void TreeParser::check_pipeline(const PipeNode& pipe, std::string_view context) const {
  if (pipe.commands.empty()) fail(fmt::format("missing value for {}", context));
  for (std::size_t i = 1; i < pipe.commands.size(); ++i) {
    switch (pipe.commands[i]->arguments.front()->kind) {
      case NodeKind::kBool:
      case NodeKind::kDot:
      case NodeKind::kNil:
      case NodeKind::kNumber:
      case NodeKind::kString:
        fail(fmt::format("non executable command in pipeline stage {}", i + 1));
      default:
        break;
    }
  }
}

}  // namespace tote::go_template
