// What the text of a template is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tote::go_template {

enum class TokenKind : std::uint8_t {
  kError,  // its text says what
  kBool,
  kChar,  // one that means nothing by itself: ","
  kCharConstant,
  kComplex,
  kAssign,
  kDeclare,
  kEnd,
  kField,
  kIdentifier,
  kLeftDelimiter,
  kLeftParen,
  kNumber,
  kPipe,
  kRawString,
  kRightDelimiter,
  kRightParen,
  kSpace,
  kString,
  kText,
  kVariable,
  kDot,
  kNil,
  // Words of the language; from here on.
  kBlock,
  kBreak,
  kContinue,
  kDefine,
  kElse,
  kEndWord,
  kIf,
  kRange,
  kTemplate,
  kWith,
};

struct Token {
  TokenKind kind = TokenKind::kError;
  std::size_t position = 0;  // in bytes
  std::string text;
  std::size_t line = 0;

  // As complaints have it: "<range>", "\"a\"", "EOF".
  std::string str() const;
};

}  // namespace tote::go_template
