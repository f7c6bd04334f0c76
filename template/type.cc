#include "template/type.h"

namespace tote::go_template {

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::kInvalid:
      return "invalid";
    case Kind::kSlice:
      return "slice";
    case Kind::kMap:
      return "map";
    case Kind::kInterface:
      return "interface";
    case Kind::kFunction:
      return "func";
    case Kind::kStruct:
      return "struct";
    case Kind::kPointer:
      return "ptr";
    case Kind::kBool:
      return kBoolType.name;
    case Kind::kInt:
      return kIntType.name;
    case Kind::kInt64:
      return kInt64Type.name;
    case Kind::kUint8:
      return kUint8Type.name;
    case Kind::kUint64:
      return kUint64Type.name;
    case Kind::kFloat64:
      return kFloat64Type.name;
    case Kind::kComplex128:
      return kComplexType.name;
    case Kind::kString:
      return kStringType.name;
  }
  return "";
}

bool is_assignable(const Type& from, const Type& to) noexcept {
  return &from == &to || &to == &kAny || from.underlying == &to || to.underlying == &from;
}

bool can_be_nil(const Type& type) noexcept {
  switch (type.kind) {
    case Kind::kFunction:
    case Kind::kInterface:
    case Kind::kMap:
    case Kind::kPointer:
    case Kind::kSlice:
      return true;
    default:
      return &type == &kReflected;
  }
}

bool is_signed_integer(Kind kind) noexcept {
  return kind == Kind::kInt || kind == Kind::kInt64;
}

bool is_unsigned_integer(Kind kind) noexcept {
  return kind == Kind::kUint8 || kind == Kind::kUint64;
}

}  // namespace tote::go_template
