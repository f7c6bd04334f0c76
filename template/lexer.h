// Cuts the text of a template into tokens.
#pragma once

#include "template/token.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tote::go_template {

// Of which the parser has to know whether a word is one.
struct LexerWords {
  bool has_break = true;
  bool has_continue = true;
};

class Lexer {
 public:
  // `text` has to outlive it.
  explicit Lexer(std::string_view text, LexerWords words = {}) : text_(text), words_(words) {}

  // Behind the end or an error: an error without text.
  Token next();

 private:
  enum class State : std::uint8_t { kText, kAction, kDelimiter, kExtraParen, kDone };

  void text();
  void left_delimiter();
  void comment();
  void right_delimiter();
  void inside_action();
  bool punctuation(char32_t code);
  void other_start(char32_t code);
  void spaces();
  void word();
  void field_or_variable(TokenKind kind);
  void quoted(char quote, TokenKind kind, std::string_view complaint);
  void raw_quoted();
  void number();
  bool scan_number();

  char32_t take();
  char32_t look();
  void back();
  bool accept(std::string_view symbols);
  void accept_all(std::string_view symbols);
  bool is_at(std::string_view what, std::size_t further = 0) const;
  bool is_at_right_delimiter(bool& trims) const;
  bool is_at_end_of_word();
  void emit(TokenKind kind);
  void emit(TokenKind kind, std::string text);
  void fail(std::string what);
  void skip();

  std::string_view text_;
  LexerWords words_;
  State state_ = State::kText;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the token
  bool is_at_end_ = false;
  std::size_t open_parens_ = 0;
  std::size_t line_ = 1;
  std::size_t begin_line_ = 1;
  std::optional<Token> found_;
};

}  // namespace tote::go_template
