// One operand of Go's printf, of a basic type, with its flags, width and precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tote::go_template {

struct VerbFlags {
  bool has_width = false;
  bool has_precision = false;
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;   // "%+v"
  bool sharp_v = false;  // "%#v"
  std::size_t width = 0;
  std::size_t precision = 0;
};

// Writes what fits its flags behind a text.
class VerbFormat {
 public:
  explicit VerbFormat(std::string& out) : out_(out) {}

  VerbFlags flags;

  void pad(std::string_view text);  // to the width
  void boolean(bool value) { pad(value ? "true" : "false"); }
  // The digits of an absolute value; `verb` 'O' has "0o" in front, `upper` letters "ABCDEF".
  struct Integer {
    std::uint64_t value;
    bool is_negative;
    unsigned base;
  };
  void integer(Integer number, char verb, bool upper);
  void hex_address(std::uint64_t value, bool leading_0x);
  void unicode(std::uint64_t code);  // "U+00E9"
  void symbol(std::uint64_t code);
  void quoted_symbol(std::uint64_t code);
  void text(std::string_view value) { pad(truncated(value)); }
  void hex_text(std::string_view bytes, bool upper);
  void quoted(std::string_view value);
  void floating(double value, char verb, int default_precision);  // -1: as few digits as needed

 private:
  std::string_view truncated(std::string_view value) const;
  void fill(std::size_t count, char with);
  std::string prefixed(std::string digits, const Integer& number, char verb, bool upper) const;
  std::string with_point(std::string number, char verb, int precision) const;

  std::string& out_;
};

}  // namespace tote::go_template
