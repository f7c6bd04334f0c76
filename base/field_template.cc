#include "base/field_template.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tote {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
  throw Error(ErrorKind::kUsage, fmt::format("template '{}': {}", text, reason));
}

// What is between the braces, without the dot.
std::string path_of(std::string_view inner, std::string_view text) {
  const std::string_view name = trim(inner);
  if (!name.starts_with('.'))
    refuse(text, fmt::format("'{{{{{}}}}}' is no field, which begins with a dot", inner));
  return std::string(name.substr(1));
}

bool is_name(std::string_view text) {
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

}  // namespace

FieldTemplate FieldTemplate::parse(std::string_view text,
                                   const std::vector<std::string_view>& fields) {
  return parse_fields(text, [&](std::string_view inner) {
    std::string name = path_of(inner, text);
    if (std::find(fields.begin(), fields.end(), name) == fields.end())
      refuse(text,
             fmt::format("there is no field '.{}'; there are .{}", name, fmt::join(fields, ", .")));
    return name;
  });
}

FieldTemplate FieldTemplate::parse(std::string_view text) {
  return parse_fields(text, [&](std::string_view inner) {
    std::string path = path_of(inner, text);
    const std::vector<std::string> names = split(path, '.');
    if (!std::all_of(names.begin(), names.end(), is_name))
      refuse(text, fmt::format("'{{{{{}}}}}' is no field", inner));
    return path;
  });
}

FieldTemplate FieldTemplate::parse_fields(std::string_view text, const Field& field_of) {
  FieldTemplate result;
  std::string_view rest = text;
  for (;;) {
    const std::size_t open = rest.find("{{");
    const std::string_view plain = rest.substr(0, open);
    if (plain.find("}}") != std::string_view::npos) refuse(text, "'}}' closes nothing");
    if (!plain.empty()) result.parts_.push_back({std::string(plain), false});
    if (open == std::string_view::npos) return result;
    rest.remove_prefix(open + 2);
    const std::size_t close = rest.find("}}");
    if (close == std::string_view::npos) refuse(text, "'{{' is not closed");
    result.parts_.push_back({field_of(rest.substr(0, close)), true});
    rest.remove_prefix(close + 2);
  }
}

std::string FieldTemplate::fill(
    const std::function<std::string(std::string_view field)>& value_of) const {
  std::string text;
  for (const Part& part : parts_) text += part.is_field ? value_of(part.text) : part.text;
  return text;
}

}  // namespace tote
