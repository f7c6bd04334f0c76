#include "template/helm_functions.h"

#include "base/error.h"
#include "template/json_input.h"
#include "template/json_output.h"
#include "template/sprig.h"
#include "template/yaml_input.h"
#include "template/yaml_output.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

// What is written where there is no form of a value: nothing, as Helm does it.
template <class Write>
std::string or_nothing(Write write) {
  try {
    return write();
  } catch (const Error&) {
    return {};
  }
}

std::string to_yaml(const Value& value) {
  return or_nothing([&] {
    std::string text = yaml_text(value);
    text.pop_back();
    return text;
  });
}

std::string to_json(const Value& value) {
  return or_nothing([&] { return json_text(value); });
}

// Go's word for the kind of JSON that a value is of.
std::string json_word(const Value& value) {
  switch (value.kind()) {
    case Kind::kSlice:
      return "array";
    case Kind::kMap:
      return "object";
    case Kind::kBool:
      return "bool";
    case Kind::kString:
      return "string";
    default:
      return "number";
  }
}

Value error_map(const Error& error) {
  auto map = std::make_shared<Map>();
  map->members["Error"] = Value::text(error.message());
  return Value::map(std::move(map));
}

// Helm's functions that read hand out what was wrong as a value.
template <class Read>
Typed<kMapType> read_map(std::string_view text, Read read) {
  try {
    Value value = read(text);
    if (value.is_nil()) return {Value::map(std::make_shared<Map>())};
    if (value.kind() != Kind::kMap)
      throw Error(ErrorKind::kParse, "json: cannot unmarshal " + json_word(value) +
                                         " into Go value of type map[string]interface {}");
    return {value};
  } catch (const Error& error) {
    return {error_map(error)};
  }
}

template <class Read>
Typed<kListType> read_list(std::string_view text, Read read) {
  try {
    Value value = read(text);
    if (value.is_nil()) return {Value::list(std::vector<Value>())};
    if (value.kind() != Kind::kSlice)
      throw Error(ErrorKind::kParse, "json: cannot unmarshal " + json_word(value) +
                                         " into Go value of type []interface {}");
    return {value};
  } catch (const Error& error) {
    return {Value::list({Value::text(error.message())})};
  }
}

Value json_of(std::string_view text) {
  return read_json(text);
}

constexpr std::size_t kMaxIncludes = 1000;  // of a template in itself

std::string include(Context& context, std::string_view name, const Value& data) {
  std::size_t& open = context.open_calls(std::string(name));
  if (open > kMaxIncludes)
    throw Error(ErrorKind::kParse,
                fmt::format("rendering template has a nested reference name: {}: unable to execute "
                            "template",
                            name));
  ++open;
  std::string out = context.execute(std::string(name), data);
  --open;
  return out;
}

std::string tpl(Context& context, std::string_view text, const Value& data) {
  std::string out = context.execute_text(text, data);
  constexpr std::string_view kNothing = "<no value>";
  for (std::size_t at = out.find(kNothing); at != std::string::npos; at = out.find(kNothing, at))
    out.erase(at, kNothing.size());
  return out;
}

Value required(std::string_view warning, const Value& value) {
  if (value.is_nil() || (value.kind() == Kind::kString && value.text().empty()))
    throw Error(ErrorKind::kParse, std::string(warning));
  return value;
}

}  // namespace

FunctionMap helm_functions() {
  FunctionMap all = sprig_functions();
  all["include"] = make_function(include);
  all["tpl"] = make_function(tpl);
  all["required"] = make_function(required);
  all["lookup"] = make_function([](std::string_view, std::string_view, std::string_view,
                                   std::string_view) { return std::make_shared<Map>(); });
  all["getHostByName"] = make_function([](std::string_view) { return std::string(); });
  all["toYaml"] = make_function(to_yaml);
  all["toJson"] = make_function(to_json);
  all["fromYaml"] = make_function([](std::string_view text) { return read_map(text, read_yaml); });
  all["fromYamlArray"] =
      make_function([](std::string_view text) { return read_list(text, read_yaml); });
  all["fromJson"] = make_function([](std::string_view text) { return read_map(text, json_of); });
  all["fromJsonArray"] =
      make_function([](std::string_view text) { return read_list(text, json_of); });
  return all;
}

}  // namespace tote::go_template
