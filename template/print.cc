#include "template/print.h"

#include "template/printer.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace tote::go_template {
namespace {

constexpr std::int64_t kMost = 1'000'000;  // of widths, precisions and numbers of operands

// "%[2]*.[1]*f": reads a format and prints operands by it.
class FormatReader {
 public:
  FormatReader(std::string_view format, std::span<const Value> operands)
      : format_(format), operands_(operands) {}

  std::string read() {
    while (at_ < format_.size()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      printer_.out() += format_.substr(at_, percent - at_);
      at_ = percent;
      if (at_ < format_.size() && !read_verb()) break;
    }
    complain_of_extra();
    return std::move(printer_.out());
  }

 private:
  bool has(char c) const { return at_ < format_.size() && format_[at_] == c; }

  // Flags; true: behind them there is a simple verb.
  bool read_flags() {
    VerbFlags& flags = printer_.flags();
    for (; at_ < format_.size(); ++at_) {
      const char c = format_[at_];
      switch (c) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = !flags.minus;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          flags.zero = false;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          return c >= 'a' && c <= 'z' && next_ < operands_.size();
      }
    }
    return false;
  }

  std::optional<std::size_t> read_number() {
    std::size_t number = 0;
    const std::size_t begin = at_;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      if (number > static_cast<std::size_t>(kMost)) {
        at_ = format_.size();
        return std::nullopt;
      }
      number = number * 10 + static_cast<std::size_t>(format_[at_] - '0');
    }
    return at_ > begin ? std::optional(number) : std::nullopt;
  }

  // "[3]": which operand comes next. Whether there was one.
  bool read_position() {
    if (!has('[')) return false;
    is_reordered_ = true;
    const std::size_t end = format_.find(']', at_ + 1);
    if (format_.size() - at_ < 3 || end == std::string_view::npos) {
      is_position_good_ = false;
      ++at_;
      return false;
    }
    ++at_;
    const std::string_view whole = format_;
    format_ = format_.substr(0, end);
    const std::optional<std::size_t> position = read_number();
    const bool is_number = position && at_ == end;
    format_ = whole;
    at_ = end + 1;
    if (is_number && *position >= 1 && *position <= operands_.size()) {
      next_ = *position - 1;
      return true;
    }
    is_position_good_ = false;
    return is_number;
  }

  // Of "*".
  std::optional<std::int64_t> take_integer() {
    if (next_ >= operands_.size()) return std::nullopt;
    const Value& value = operands_[next_++];
    std::optional<std::int64_t> number;
    if (is_signed_integer(value.kind())) number = value.integer();
    if (is_unsigned_integer(value.kind()) &&
        value.unsigned_integer() <= static_cast<std::uint64_t>(kMost))
      number = static_cast<std::int64_t>(value.unsigned_integer());
    return number && *number <= kMost && *number >= -kMost ? number : std::nullopt;
  }

  void read_width() {
    VerbFlags& flags = printer_.flags();
    if (!has('*')) {
      const std::optional<std::size_t> width = read_number();
      flags.has_width = width.has_value();
      flags.width = width.value_or(0);
      if (is_behind_position_ && width) is_position_good_ = false;
      return;
    }
    ++at_;
    const std::optional<std::int64_t> width = take_integer();
    flags.has_width = width.has_value();
    if (!width) printer_.out() += "%!(BADWIDTH)";
    if (width.value_or(0) < 0) {
      flags.minus = true;
      flags.zero = false;
    }
    flags.width = static_cast<std::size_t>(std::abs(width.value_or(0)));
    is_behind_position_ = false;
  }

  void read_precision() {
    if (at_ + 1 >= format_.size() || format_[at_] != '.') return;
    ++at_;
    if (is_behind_position_) is_position_good_ = false;
    is_behind_position_ = read_position();
    VerbFlags& flags = printer_.flags();
    if (!has('*')) {
      flags.precision = read_number().value_or(0);
      flags.has_precision = true;
      return;
    }
    ++at_;
    const std::optional<std::int64_t> precision = take_integer();
    flags.has_precision = precision && *precision >= 0;
    flags.precision = flags.has_precision ? static_cast<std::size_t>(*precision) : 0;
    if (!flags.has_precision) printer_.out() += "%!(BADPREC)";
    is_behind_position_ = false;
  }

  void print_next(char32_t verb) {
    VerbFlags& flags = printer_.flags();
    if (verb == 'v') {
      flags.sharp_v = std::exchange(flags.sharp, false);
      flags.plus_v = std::exchange(flags.plus, false);
    }
    printer_.operand(operands_[next_++], verb);
  }

  void complain(char32_t verb, std::string_view what) {
    printer_.out() += "%!";
    append_symbol(printer_.out(), verb);
    printer_.out() += what;
  }

  // False at the end of the format.
  bool read_verb() {
    ++at_;
    printer_.flags() = {};
    is_position_good_ = true;
    if (read_flags()) {
      print_next(static_cast<unsigned char>(format_[at_++]));
      return true;
    }
    is_behind_position_ = read_position();
    read_width();
    read_precision();
    if (!is_behind_position_) is_behind_position_ = read_position();
    if (at_ >= format_.size()) {
      printer_.out() += "%!(NOVERB)";
      return false;
    }
    const Symbol verb = first_symbol(format_.substr(at_));
    at_ += verb.length;
    if (verb.code == '%')
      printer_.out() += '%';
    else if (!is_position_good_)
      complain(verb.code, "(BADINDEX)");
    else if (next_ >= operands_.size())
      complain(verb.code, "(MISSING)");
    else
      print_next(verb.code);
    return true;
  }

  void complain_of_extra() {
    if (is_reordered_ || next_ >= operands_.size()) return;
    printer_.flags() = {};
    printer_.out() += "%!(EXTRA ";
    for (std::size_t i = next_; i < operands_.size(); ++i) {
      if (i > next_) printer_.out() += ", ";
      if (!operands_[i].is_nil()) printer_.out() += fmt::format("{}=", operands_[i].type().name);
      printer_.operand(operands_[i], 'v');
    }
    printer_.out() += ')';
  }

  std::string_view format_;
  std::span<const Value> operands_;
  Printer printer_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool is_reordered_ = false;
  bool is_position_good_ = true;
  bool is_behind_position_ = false;
};

}  // namespace

std::string print(std::span<const Value> operands) {
  Printer printer;
  bool was_text = false;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool is_text = operands[i].kind() == Kind::kString;
    if (i > 0 && !is_text && !was_text) printer.out() += ' ';
    printer.operand(operands[i], 'v');
    was_text = is_text;
  }
  return std::move(printer.out());
}

std::string print(const Value& value) {
  return print(std::span(&value, 1));
}

std::string print_line(std::span<const Value> operands) {
  Printer printer;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) printer.out() += ' ';
    printer.operand(operands[i], 'v');
  }
  return std::move(printer.out()) + '\n';
}

std::string print_formatted(std::string_view format, std::span<const Value> operands) {
  return FormatReader(format, operands).read();
}

std::string print_result(const Value& value) {
  if (!value.is_valid()) return "<no value>";
  return print(value);
}

}  // namespace tote::go_template
