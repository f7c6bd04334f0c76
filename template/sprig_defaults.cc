// Sprig's functions that choose between values, and those of types.
#include "base/error.h"
#include "template/json_input.h"
#include "template/json_output.h"
#include "template/print.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <algorithm>

namespace tote::go_template {
namespace {

Value default_for(const Value& otherwise, const Rest<Value>& given) {
  const bool is_given = !given.items.empty() && !is_empty(given.items.front());
  return is_given ? given.items.front() : otherwise;
}

Value first_of(const Rest<Value>& values) {
  const auto found = std::find_if_not(values.items.begin(), values.items.end(), is_empty);
  return found == values.items.end() ? Value() : *found;
}

std::string type_of(const Value& value) {
  return value.is_nil() ? "<nil>" : std::string(value.type().name);
}

// What Sprig leaves out where there is no JSON of it.
template <class Write>
std::string or_nothing(Write write) {
  try {
    return write();
  } catch (const Error&) {
    return {};
  }
}

constexpr JsonForm kPretty = {.indent = 2};
constexpr JsonForm kRaw = {.escapes_html = false};

void add_json(FunctionMap& all) {
  all["toJson"] = make_function(
      [](const Value& value) { return or_nothing([&] { return json_text(value); }); });
  all["toPrettyJson"] = make_function(
      [](const Value& value) { return or_nothing([&] { return json_text(value, kPretty); }); });
  all["mustToJson"] = make_function([](const Value& value) { return json_text(value); });
  all["mustToPrettyJson"] =
      make_function([](const Value& value) { return json_text(value, kPretty); });
  all["toRawJson"] = make_function([](const Value& value) { return json_text(value, kRaw); });
  all["mustToRawJson"] = all["toRawJson"];
  all["mustFromJson"] = make_function([](std::string_view text) { return read_json(text); });
}

}  // namespace

void add_default_functions(FunctionMap& all) {
  add_json(all);
  all["default"] = make_function(default_for);
  all["empty"] = make_function([](const Value& value) { return is_empty(value); });
  all["coalesce"] = make_function(first_of);
  all["all"] = make_function([](const Rest<Value>& values) {
    return std::none_of(values.items.begin(), values.items.end(), is_empty);
  });
  all["any"] = make_function([](const Rest<Value>& values) {
    return !std::all_of(values.items.begin(), values.items.end(), is_empty);
  });
  all["ternary"] =
      make_function([](const Value& yes, const Value& no, bool which) { return which ? yes : no; });
  all["fail"] =
      make_function([](std::string_view what) -> std::string { fail_call(std::string(what)); });
}

void add_reflection_functions(FunctionMap& all) {
  all["typeOf"] = make_function(type_of);
  all["typeIs"] = make_function(
      [](std::string_view wanted, const Value& value) { return type_of(value) == wanted; });
  all["typeIsLike"] = make_function([](std::string_view wanted, const Value& value) {
    const std::string type = type_of(value);
    return type == wanted || type == "*" + std::string(wanted);
  });
  all["kindOf"] =
      make_function([](const Value& value) { return std::string(kind_name(value.kind())); });
  all["kindIs"] = make_function([](std::string_view wanted, const Value& value) {
    return kind_name(value.kind()) == wanted;
  });
  all["deepEqual"] = make_function([](const Value& a, const Value& b) { return deep_equal(a, b); });
}

}  // namespace tote::go_template
