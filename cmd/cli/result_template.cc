#include "cmd/cli/result_template.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tote::cmd {
namespace {

// "DryRun" of "dry_run", as a field of Go's would be called.
std::string field_name(std::string_view key) {
  std::string name;
  bool begins = true;
  for (const char c : key) {
    if (c != '_') name += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_';
  }
  return name;
}

Json member(const Json& object, const std::string& name) {
  std::vector<std::string> names;
  if (object.is_object())
    for (const auto& [key, value] : object.members()) {
      if (key == name || field_name(key) == name) return value;
      names.push_back(field_name(key));
    }
  throw Error(ErrorKind::kUsage,
              fmt::format("--format: the result has no field '{}'; there {} .{}", name,
                          names.size() == 1 ? "is" : "are", fmt::join(names, ", .")));
}

std::string value_of(const Json& result, std::string_view path) {
  Json value = result;
  for (const std::string& name : split(path, '.')) value = member(value, name);
  if (value.is_array() || value.is_object())
    throw Error(ErrorKind::kUsage, fmt::format("--format: '.{}' is {}", path,
                                               value.is_array() ? "a list" : "an object"))
        .with_hint("--json prints all of the result");
  return value.is_string() ? value.string() : value.text();
}

}  // namespace

FieldTemplate parse_result_template(std::string_view text) {
  return while_doing([] { return "--format"; }, [&] { return FieldTemplate::parse(text); });
}

std::string fill(const FieldTemplate& format, std::string_view result) {
  const Json value = Json::parse(result, "result");
  return format.fill([&](std::string_view path) { return value_of(value, path); });
}

}  // namespace tote::cmd
