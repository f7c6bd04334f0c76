// The types that values of templates have in Go. Templates show them: in "%T", in errors, and where
// an argument does not fit its parameter.
#pragma once

#include <cstdint>
#include <string_view>

namespace tote::go_template {

enum class Kind : std::uint8_t {
  kInvalid,  // no value at all
  kBool,
  kInt,
  kInt64,
  kUint8,
  kUint64,
  kFloat64,
  kComplex128,
  kString,
  kSlice,
  kMap,  // its keys are strings
  kInterface,
  kFunction,
  kStruct,
  kPointer,  // to a struct
};

// Go's word for it ("slice"), as reflect's Kind has it.
std::string_view kind_name(Kind kind) noexcept;

// Compared by address: each is a constant that outlives all values of it.
struct Type {
  Kind kind;
  std::string_view name;          // "map[string]interface {}"
  const Type* element = nullptr;  // of slices and maps
  // Made from one without a name ("chartutil.Values"), which it may stand for and the reverse.
  const Type* underlying = nullptr;
};

inline constexpr Type kAny{.kind = Kind::kInterface, .name = "interface {}"};
inline constexpr Type kBoolType{.kind = Kind::kBool, .name = "bool"};
inline constexpr Type kIntType{.kind = Kind::kInt, .name = "int"};
inline constexpr Type kInt64Type{.kind = Kind::kInt64, .name = "int64"};
inline constexpr Type kUint8Type{.kind = Kind::kUint8, .name = "uint8"};
inline constexpr Type kUint64Type{.kind = Kind::kUint64, .name = "uint64"};
inline constexpr Type kFloat64Type{.kind = Kind::kFloat64, .name = "float64"};
inline constexpr Type kComplexType{.kind = Kind::kComplex128, .name = "complex128"};
inline constexpr Type kStringType{.kind = Kind::kString, .name = "string"};
inline constexpr Type kListType{.kind = Kind::kSlice, .name = "[]interface {}", .element = &kAny};
inline constexpr Type kStringsType{
    .kind = Kind::kSlice, .name = "[]string", .element = &kStringType};
inline constexpr Type kIntsType{.kind = Kind::kSlice, .name = "[]int", .element = &kIntType};
inline constexpr Type kBytesType{.kind = Kind::kSlice, .name = "[]uint8", .element = &kUint8Type};
inline constexpr Type kListsType{
    .kind = Kind::kSlice, .name = "[][]interface {}", .element = &kListType};
inline constexpr Type kMapType{
    .kind = Kind::kMap, .name = "map[string]interface {}", .element = &kAny};
inline constexpr Type kStringMapType{
    .kind = Kind::kMap, .name = "map[string]string", .element = &kStringType};
inline constexpr Type kFunctionType{.kind = Kind::kFunction, .name = "func"};
// Of a parameter that takes what there is as it is: even nothing, and what is in an interface.
inline constexpr Type kReflected{.kind = Kind::kStruct, .name = "reflect.Value"};

// Whether Go lets a value of type `from` stand where `to` is due, without a conversion.
bool is_assignable(const Type& from, const Type& to) noexcept;
// Whether nil may stand where the type is due.
bool can_be_nil(const Type& type) noexcept;
bool is_signed_integer(Kind kind) noexcept;
bool is_unsigned_integer(Kind kind) noexcept;

}  // namespace tote::go_template
