// eq, ne, lt, le, gt and ge.
#include "base/error.h"
#include "template/builtins.h"
#include "template/print.h"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace tote::go_template {
namespace {

enum class Basic : std::uint8_t { kNone, kBool, kComplex, kInteger, kFloat, kText, kUnsigned };

[[noreturn]] void refuse(std::string what) {
  throw Error(ErrorKind::kParse, std::move(what));
}

Basic basic_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return Basic::kBool;
    case Kind::kInt:
    case Kind::kInt64:
      return Basic::kInteger;
    case Kind::kUint8:
    case Kind::kUint64:
      return Basic::kUnsigned;
    case Kind::kFloat64:
      return Basic::kFloat;
    case Kind::kComplex128:
      return Basic::kComplex;
    case Kind::kString:
      return Basic::kText;
    default:
      return Basic::kNone;
  }
}

// As "%s" has it, with a complaint about each number.
std::string as_text(const Value& value) {
  return print_formatted("%s", std::span(&value, 1));
}

// Neither is of a basic kind.
bool equal_others(const Value& a, const Value& b) {
  if (!a.is_nil() && !b.is_nil() && a.kind() != b.kind())
    refuse(fmt::format("non-comparable types {}: {}, {}: {}", as_text(a), a.type().name,
                       b.type().name, print(b)));
  if (a.is_nil_of_its_type() || b.is_nil_of_its_type())
    return a.is_nil_of_its_type() == b.is_nil_of_its_type();
  if (b.kind() == Kind::kMap || b.kind() == Kind::kSlice || b.kind() == Kind::kFunction)
    refuse(fmt::format("non-comparable type {}: {}", as_text(b), b.type().name));
  return a.object() == b.object();
}

bool equal(const Value& a, const Value& b) {
  const Basic kind = basic_kind(a);
  const Basic other = basic_kind(b);
  if (kind == Basic::kInteger && other == Basic::kUnsigned)
    return std::cmp_equal(a.integer(), b.unsigned_integer());
  if (kind == Basic::kUnsigned && other == Basic::kInteger)
    return std::cmp_equal(a.unsigned_integer(), b.integer());
  if (kind != other) {
    if (!a.is_nil() && !b.is_nil()) refuse("incompatible types for comparison");
    return false;
  }
  switch (kind) {
    case Basic::kBool:
      return a.boolean() == b.boolean();
    case Basic::kComplex:
      return a.complex() == b.complex();
    case Basic::kInteger:
      return a.integer() == b.integer();
    case Basic::kFloat:
      return a.floating() == b.floating();
    case Basic::kText:
      return a.text() == b.text();
    case Basic::kUnsigned:
      return a.unsigned_integer() == b.unsigned_integer();
    case Basic::kNone:
      break;
  }
  return equal_others(a, b);
}

bool less(const Value& a, const Value& b) {
  const Basic kind = basic_kind(a);
  const Basic other = basic_kind(b);
  if (kind == Basic::kNone || other == Basic::kNone) refuse("invalid type for comparison");
  if (kind == Basic::kInteger && other == Basic::kUnsigned)
    return std::cmp_less(a.integer(), b.unsigned_integer());
  if (kind == Basic::kUnsigned && other == Basic::kInteger)
    return std::cmp_less(a.unsigned_integer(), b.integer());
  if (kind != other) refuse("incompatible types for comparison");
  switch (kind) {
    case Basic::kInteger:
      return a.integer() < b.integer();
    case Basic::kFloat:
      return a.floating() < b.floating();
    case Basic::kText:
      return a.text() < b.text();
    case Basic::kUnsigned:
      return a.unsigned_integer() < b.unsigned_integer();
    default:
      refuse("invalid type for comparison");
  }
}

bool less_or_equal(const Value& a, const Value& b) {
  return less(a, b) || equal(a, b);
}

template <class Compare>
FunctionPtr comparison(Compare compare) {
  return make_function([compare](const Reflected& a, const Reflected& b) {
    return bool(compare(a.value.unboxed(), b.value.unboxed()));
  });
}

bool equal_to_any(const Reflected& first, const Rest<Reflected>& others) {
  if (others.items.empty()) refuse("missing argument for comparison");
  for (const Reflected& other : others.items)
    if (equal(first.value.unboxed(), other.value.unboxed())) return true;
  return false;
}

}  // namespace

void add_comparisons(FunctionMap& functions) {
  functions["eq"] = make_function(equal_to_any);
  functions["ne"] = comparison([](const Value& a, const Value& b) { return !equal(a, b); });
  functions["lt"] = comparison(less);
  functions["le"] = comparison(less_or_equal);
  functions["gt"] = comparison([](const Value& a, const Value& b) { return !less_or_equal(a, b); });
  functions["ge"] = comparison([](const Value& a, const Value& b) { return !less(a, b); });
}

}  // namespace tote::go_template
