#include "template/sprig_convert.h"

#include "base/error.h"
#include "template/number_text.h"
#include "template/print.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

// "10.00" is a whole number.
std::string_view without_zero_fraction(std::string_view text) {
  const std::size_t point = text.find_last_not_of('0');
  const bool is_zero =
      point != std::string_view::npos && text[point] == '.' && point + 1 < text.size();
  return is_zero ? text.substr(0, point) : text;
}

}  // namespace

void fail_call(std::string what) {
  throw Error(ErrorKind::kParse, std::move(what));
}

std::int64_t to_integer(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.boolean() ? 1 : 0;
    case Kind::kInt:
    case Kind::kInt64:
      return value.integer();
    case Kind::kUint8:
    case Kind::kUint64:
      return static_cast<std::int64_t>(value.unsigned_integer());
    case Kind::kFloat64:
      return truncate_to_integer(value.floating());
    case Kind::kString:
      return parse_integer(without_zero_fraction(value.text()), 0).value_or(0);
    default:
      return 0;
  }
}

double to_float(const Value& value) {
  if (value.kind() == Kind::kFloat64) return value.floating();
  if (value.kind() == Kind::kUint64) return static_cast<double>(value.unsigned_integer());
  if (value.kind() == Kind::kString) return parse_float(value.text()).value_or(0);
  return static_cast<double>(to_integer(value));
}

std::string to_text(const Value& value) {
  if (value.kind() == Kind::kString) return value.text();
  if (value.kind() == Kind::kSlice && value.type().element == &kUint8Type)
    return print_formatted("%s", std::span(&value, 1));
  return print(value);
}

std::vector<std::string> to_texts(const Value& value) {
  std::vector<std::string> out;
  if (value.is_nil()) return out;
  if (value.kind() != Kind::kSlice) return {to_text(value)};
  for (const Value& item : value.items())
    if (!item.is_nil()) out.push_back(to_text(item));
  return out;
}

bool is_empty(const Value& value) {
  return !value.truth();
}

const std::vector<Value>& items_of(const Value& list, std::string_view complaint) {
  if (list.is_nil()) fail_call("runtime error: invalid memory address or nil pointer dereference");
  if (list.kind() != Kind::kSlice)
    fail_call(fmt::format("{} {}", complaint, kind_name(list.kind())));
  return list.items();
}

void check_slice(std::int64_t begin, std::int64_t end, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  const auto fail = [](const std::string& range) {
    fail_call("runtime error: slice bounds out of range " + range);
  };
  if (end < 0) fail(fmt::format("[:{}]", end));
  if (end > length) fail(fmt::format("[:{}] with length {}", end, length));
  if (begin < 0) fail(fmt::format("[{}:]", begin));
  if (begin > end) fail(fmt::format("[{}:{}]", begin, end));
}

}  // namespace tote::go_template
