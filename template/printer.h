// How values become text; for template/print*.cc.
#pragma once

#include "template/value.h"
#include "template/verb_format.h"

#include <string>
#include <string_view>

namespace tote::go_template {

// Values written behind one another, with the flags that are set. A width of "%*d" is a value, so
// what it can make is bounded as Go bounds it, by a million.
class Printer {
 public:
  Printer() : format_(out_) {}

  VerbFlags& flags() noexcept { return format_.flags; }
  std::string& out() noexcept { return out_; }

  // An operand; nil is one too.
  void operand(const Value& value, char32_t verb);

 private:
  void bad_verb(const Value& value, char32_t verb);
  void value_at(const Value& value, char32_t verb, std::size_t depth);
  void inner(const Value& value, char32_t verb, std::size_t depth);
  void boolean(const Value& value, char32_t verb);
  void integer(const Value& value, char32_t verb);
  bool integer_in_base(const VerbFormat::Integer& number, bool is_signed, char32_t verb);
  void floating(const Value& value, double number, char32_t verb);
  void complex(const Value& value, char32_t verb);
  void text(const Value& value, std::string_view content, char32_t verb);
  bool bytes(const Value& value, char32_t verb);
  void list(const Value& value, char32_t verb, std::size_t depth);
  void map(const Value& value, char32_t verb, std::size_t depth);
  void object(const Value& value, char32_t verb, std::size_t depth);
  void fields(const Value& value, char32_t verb, std::size_t depth);
  void pointer(const Value& value, char32_t verb);
  bool own_text(const Value& value, char32_t verb);

  std::string out_;
  VerbFormat format_;
  bool is_complaining_ = false;
};

}  // namespace tote::go_template
