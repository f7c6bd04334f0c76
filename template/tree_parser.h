// Parses one definition; for template/parser*.cc.
#pragma once

#include "template/lexer.h"
#include "template/node.h"
#include "template/parser.h"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::go_template {

// What the definitions of one text have in common.
struct ParseRun {
  std::shared_ptr<const SourceText> source;
  Lexer lexer;
  const std::function<bool(std::string_view)>& has_function;
  Trees trees;
  std::size_t depth = 0;
};

template <class Made>
std::unique_ptr<Made> placed(std::unique_ptr<Made> node, std::size_t position,
                             const SourceText& source) {
  node->position = position;
  node->source = &source;
  return node;
}

// Each definition looks ahead by itself, as in Go, since the line of a complaint depends on it.
class TreeParser {
 public:
  TreeParser(ParseRun& run, std::string name) : run_(run), name_(std::move(name)) {}

  void parse_text();
  void parse_definition();  // behind the word

 private:
  struct Branch {
    std::size_t position;
    std::unique_ptr<PipeNode> pipe;
    std::unique_ptr<ListNode> list;
    std::unique_ptr<ListNode> otherwise;
  };

  Token next();
  Token next_past_spaces();
  const Token& peek();
  Token peek_past_spaces();
  void back() { ++ahead_; }
  void back_two(Token first);
  void back_three(Token first, Token second);
  Token expect(TokenKind kind, std::string_view context);
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void unexpected(const Token& token, std::string_view context) const;

  NodePtr word(NodeKind kind, std::size_t position) const;
  std::unique_ptr<VariableNode> variable(std::size_t position, std::string_view text) const;
  std::string unquoted(const Token& token) const;
  void add();

  std::unique_ptr<ListNode> item_list(NodePtr& end);
  NodePtr text_or_action();
  NodePtr action();
  NodePtr jump(NodeKind kind, const Token& token, std::string_view shown);
  NodePtr else_control();
  Branch branch(std::string_view context);
  std::unique_ptr<ListNode> else_list(bool allows_else_if, std::size_t position);
  NodePtr control(NodeKind kind, std::string_view context);
  NodePtr block_control();
  NodePtr template_control();
  std::string template_name(const Token& token, std::string_view context) const;
  std::unique_ptr<PipeNode> pipeline(std::string_view context, TokenKind end);
  void declarations(PipeNode& pipe, std::string_view context);
  bool declaration(PipeNode& pipe, const Token& variable, std::string_view context);
  void check_pipeline(const PipeNode& pipe, std::string_view context) const;
  std::unique_ptr<CommandNode> command();
  NodePtr operand();
  NodePtr chained(NodePtr node);
  NodePtr term();
  NodePtr number(const Token& token) const;
  NodePtr used_variable(const Token& token) const;

  ParseRun& run_;
  std::string name_;
  std::unique_ptr<ListNode> root_;
  std::array<Token, 3> tokens_;
  std::size_t ahead_ = 0;
  std::vector<std::string> variables_ = {"$"};
  std::size_t action_line_ = 0;
  std::size_t range_depth_ = 0;
};

}  // namespace tote::go_template
