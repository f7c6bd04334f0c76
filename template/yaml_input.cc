#include "template/yaml_input.h"

#include "base/error.h"
#include "base/yaml_reader.h"
#include "template/number_text.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace tote::go_template {
namespace {

bool is_true(std::string_view word) {
  return word == "y" || word == "Y" || word == "on" || word == "On" || word == "ON" ||
         word.starts_with('t') || word.starts_with('T') || word.starts_with("ye") ||
         word.starts_with("Ye") || word.starts_with("YE");
}

// "0b", "0o", "0x" and an old octal zero in front say the base.
double whole_number(std::string number) {
  std::erase(number, '_');
  if (const std::optional<std::int64_t> value = parse_integer(number, 0))
    return static_cast<double>(*value);
  return static_cast<double>(parse_unsigned(number, 0).value_or(0));
}

double fraction(std::string number) {
  std::erase(number, '_');
  const bool is_infinite = number.size() > 3 && number.find_first_of("iI") != std::string::npos;
  const bool is_not_a_number = number.find_first_of("nN") == 1;
  if (is_infinite || is_not_a_number)
    throw Error(ErrorKind::kParse,
                "json: unsupported value: " + std::string(is_not_a_number    ? "NaN"
                                                          : number[0] == '-' ? "-Inf"
                                                                             : "+Inf"));
  return parse_float(number).value_or(0);
}

Value scalar(const Yaml& node) {
  const std::string text = node.text();
  switch (node.type()) {
    case YamlType::kNull:
      return {};
    case YamlType::kBool:
      return Value::boolean(is_true(text));
    case YamlType::kInteger:
      return Value::floating(whole_number(text));
    case YamlType::kFloat:
      return Value::floating(fraction(text));
    case YamlType::kText:
      break;
  }
  return Value::text(text);
}

Value value_of(const Yaml& node) {
  switch (node.kind()) {
    case Yaml::Kind::kNull:
      return {};
    case Yaml::Kind::kScalar:
      return scalar(node);
    case Yaml::Kind::kList: {
      std::vector<Value> items;
      for (const Yaml& item : node.items()) items.push_back(value_of(item));
      return Value::list(std::move(items));
    }
    case Yaml::Kind::kMap:
      break;
  }
  auto map = std::make_shared<Map>();
  for (const auto& [name, member] : node.members(Yaml::Duplicates::kLastCounts))
    map->members[name] = value_of(member);
  return Value::map(std::move(map));
}

}  // namespace

Value read_yaml(std::string_view text) {
  return value_of(Yaml::parse(text, "yaml"));
}

}  // namespace tote::go_template
