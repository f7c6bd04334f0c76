#include "template/printer.h"

#include "template/print.h"
#include "template/unicode.h"

#include <fmt/format.h>

namespace tote::go_template {
namespace {

constexpr std::string_view kNil = "<nil>";

bool is_one_of(char32_t verb, std::string_view verbs) {
  return verb < 0x80 && verbs.find(static_cast<char>(verb)) != std::string_view::npos;
}

VerbFormat::Integer number_of(const Value& value) {
  if (is_unsigned_integer(value.kind()))
    return {.value = value.unsigned_integer(), .is_negative = false, .base = 10};
  const std::int64_t number = value.integer();
  const auto bits = static_cast<std::uint64_t>(number);
  return {.value = number < 0 ? 0 - bits : bits, .is_negative = number < 0, .base = 10};
}

// As a character, a number is its 64 bits.
std::uint64_t code_of(const VerbFormat::Integer& number) {
  return number.is_negative ? 0 - number.value : number.value;
}

std::string bytes_of(const Value& list) {
  std::string out;
  for (const Value& item : list.items()) out += static_cast<char>(item.unsigned_integer());
  return out;
}

std::uint64_t address_of(const Value& value) {
  const auto as_number = [](const auto& pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer.get());
  };
  switch (value.kind()) {
    case Kind::kSlice:
      return as_number(value.list());
    case Kind::kMap:
      return as_number(value.map());
    case Kind::kFunction:
      return as_number(value.function());
    default:
      return as_number(value.object());
  }
}

}  // namespace

void Printer::bad_verb(const Value& value, char32_t verb) {
  is_complaining_ = true;
  out_ += "%!";
  append_symbol(out_, verb);
  out_ += '(';
  if (value.is_nil()) {
    out_ += kNil;
  } else {
    out_ += value.type().name;
    out_ += '=';
    operand(value, 'v');
  }
  out_ += ')';
  is_complaining_ = false;
}

void Printer::operand(const Value& value, char32_t verb) {
  if (value.is_nil()) {
    if (verb == 'T' || verb == 'v') return format_.pad(kNil);
    return bad_verb(value, verb);
  }
  if (verb == 'T') return format_.text(value.type().name);
  if (verb == 'p') return pointer(value, verb);
  if (own_text(value, verb)) return;
  value_at(value, verb, 0);
}

// What a value says of itself.
bool Printer::own_text(const Value& value, char32_t verb) {
  const bool is_object = value.kind() == Kind::kStruct || value.kind() == Kind::kPointer;
  if (!is_object || is_complaining_ || value.is_nil_of_its_type()) return false;
  if (flags().sharp_v || !is_one_of(verb, "vsxXq")) return false;
  const std::optional<std::string> said = value.object()->text();
  if (said) text(value, *said, verb);
  return said.has_value();
}

void Printer::inner(const Value& value, char32_t verb, std::size_t depth) {
  if (value.is_nil()) {
    out_ += flags().sharp_v ? "interface {}(nil)" : kNil;
    return;
  }
  if (!own_text(value, verb)) value_at(value, verb, depth);
}

void Printer::value_at(const Value& value, char32_t verb, std::size_t depth) {
  check_nesting(depth);
  switch (value.kind()) {
    case Kind::kBool:
      return boolean(value, verb);
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kUint8:
    case Kind::kUint64:
      return integer(value, verb);
    case Kind::kFloat64:
      return floating(value, value.floating(), verb);
    case Kind::kComplex128:
      return complex(value, verb);
    case Kind::kString:
      return text(value, value.text(), verb);
    case Kind::kSlice:
      return list(value, verb, depth);
    case Kind::kMap:
      return map(value, verb, depth);
    case Kind::kStruct:
    case Kind::kPointer:
      return object(value, verb, depth);
    case Kind::kFunction:
      return pointer(value, verb);
    case Kind::kInterface:
    case Kind::kInvalid:
      out_ += kNil;
  }
}

void Printer::boolean(const Value& value, char32_t verb) {
  if (!is_one_of(verb, "tv")) return bad_verb(value, verb);
  format_.boolean(value.boolean());
}

bool Printer::integer_in_base(const VerbFormat::Integer& number, bool is_signed, char32_t verb) {
  const auto in_base = [&](unsigned base) {
    VerbFormat::Integer other = number;
    other.base = base;
    format_.integer(other, static_cast<char>(verb), verb == 'X');
    return true;
  };
  switch (verb) {
    case 'v':
      if (!flags().sharp_v || is_signed) return in_base(10);
      format_.hex_address(number.value, true);
      return true;
    case 'd':
      return in_base(10);
    case 'b':
      return in_base(2);
    case 'o':
    case 'O':
      return in_base(8);
    case 'x':
    case 'X':
      return in_base(16);
    default:
      return false;
  }
}

void Printer::integer(const Value& value, char32_t verb) {
  const VerbFormat::Integer number = number_of(value);
  if (integer_in_base(number, is_signed_integer(value.kind()), verb)) return;
  if (verb == 'c') return format_.symbol(code_of(number));
  if (verb == 'q') return format_.quoted_symbol(code_of(number));
  if (verb == 'U') return format_.unicode(code_of(number));
  bad_verb(value, verb);
}

void Printer::floating(const Value& value, double number, char32_t verb) {
  if (verb == 'v') return format_.floating(number, 'g', -1);
  if (is_one_of(verb, "bgGxX")) return format_.floating(number, static_cast<char>(verb), -1);
  if (is_one_of(verb, "feE")) return format_.floating(number, static_cast<char>(verb), 6);
  if (verb == 'F') return format_.floating(number, 'f', 6);
  bad_verb(value, verb);
}

void Printer::complex(const Value& value, char32_t verb) {
  if (!is_one_of(verb, "vbgGxXfFeE")) return bad_verb(value, verb);
  const bool had_plus = flags().plus;
  out_ += '(';
  floating(value, value.complex().real(), verb);
  flags().plus = true;
  floating(value, value.complex().imag(), verb);
  out_ += "i)";
  flags().plus = had_plus;
}

void Printer::text(const Value& value, std::string_view content, char32_t verb) {
  switch (verb) {
    case 'v':
      return flags().sharp_v ? format_.quoted(content) : format_.text(content);
    case 's':
      return format_.text(content);
    case 'x':
    case 'X':
      return format_.hex_text(content, verb == 'X');
    case 'q':
      return format_.quoted(content);
    default:
      return bad_verb(value, verb);
  }
}

bool Printer::bytes(const Value& value, char32_t verb) {
  if (value.type().element != &kUint8Type || !is_one_of(verb, "sqxX")) return false;
  text(value, bytes_of(value), verb);
  return true;
}

void Printer::list(const Value& value, char32_t verb, std::size_t depth) {
  if (bytes(value, verb)) return;
  const bool in_go = flags().sharp_v;
  if (in_go) out_ += value.type().name;
  if (in_go && value.is_nil_of_its_type()) {
    out_ += "(nil)";
    return;
  }
  out_ += in_go ? '{' : '[';
  bool is_first = true;
  for (const Value& item : value.items()) {
    if (!is_first) out_ += in_go ? ", " : " ";
    is_first = false;
    inner(item, verb, depth + 1);
  }
  out_ += in_go ? '}' : ']';
}

void Printer::map(const Value& value, char32_t verb, std::size_t depth) {
  const bool in_go = flags().sharp_v;
  if (in_go) out_ += value.type().name;
  if (in_go && value.is_nil_of_its_type()) {
    out_ += "(nil)";
    return;
  }
  out_ += in_go ? "{" : "map[";
  bool is_first = true;
  for (const auto& [name, member] : value.members()) {
    if (!is_first) out_ += in_go ? ", " : " ";
    is_first = false;
    text(Value::text(name), name, verb);
    out_ += ':';
    inner(member, verb, depth + 1);
  }
  out_ += in_go ? '}' : ']';
}

void Printer::object(const Value& value, char32_t verb, std::size_t depth) {
  if (value.kind() == Kind::kPointer) {
    if (value.is_nil_of_its_type() || depth > 0) return pointer(value, verb);
    out_ += '&';
  }
  fields(value, verb, depth);
}

void Printer::fields(const Value& value, char32_t verb, std::size_t depth) {
  const bool in_go = flags().sharp_v;
  if (in_go) out_ += value.type().name.substr(value.kind() == Kind::kPointer ? 1 : 0);
  out_ += '{';
  bool is_first = true;
  for (const auto& [name, field] : value.object()->fields()) {
    if (!is_first) out_ += in_go ? ", " : " ";
    is_first = false;
    if (in_go || flags().plus_v) out_ += fmt::format("{}:", name);
    inner(field, verb, depth + 1);
  }
  out_ += '}';
}

void Printer::pointer(const Value& value, char32_t verb) {
  const bool has_address = value.kind() == Kind::kSlice || value.kind() == Kind::kMap ||
                           value.kind() == Kind::kFunction || value.kind() == Kind::kPointer;
  if (!has_address) return bad_verb(value, verb);
  const std::uint64_t address = address_of(value);
  if (verb == 'v' && flags().sharp_v) {
    out_ += fmt::format("({})(", value.type().name);
    if (address == 0)
      out_ += "nil";
    else
      format_.hex_address(address, true);
    out_ += ')';
  } else if (verb == 'v' && address == 0) {
    format_.pad(kNil);
  } else if (verb == 'v' || verb == 'p') {
    format_.hex_address(address, !flags().sharp);
  } else if (!is_one_of(verb, "bodxX") ||
             !integer_in_base({.value = address, .is_negative = false, .base = 10}, false, verb)) {
    bad_verb(value, verb);
  }
}

}  // namespace tote::go_template
