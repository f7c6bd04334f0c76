#include "bundle/discover/image_place.h"

#include "base/yaml_writer.h"
#include "bundle/discover/value_path.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tote::bundle::discover {
namespace {

using Field = std::pair<const char*, ValuePath FormFields::*>;
constexpr std::array<Field, 5> kFields{
    Field{"registry", &FormFields::registry}, Field{"repository", &FormFields::repository},
    Field{"name", &FormFields::name}, Field{"tag", &FormFields::tag},
    Field{"digest", &FormFields::digest}};

// Where an enumeration ends its names do.
template <class Enum>
Enum read_name(const Yaml& node, const std::string& text, std::string_view what) {
  std::string known;
  for (int i = 0; !name_of(static_cast<Enum>(i)).empty(); ++i) {
    const auto value = static_cast<Enum>(i);
    if (name_of(value) == text) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name_of(value));
  }
  refuse(node, fmt::format("unknown {} '{}' (known: {})", what, text, known));
}

ValuePath read_path(const Yaml& node, const std::string& text) {
  if (text.empty()) return {};
  std::optional<ValuePath> path = parse_path(text);
  if (!path) refuse(node, fmt::format("'{}' is no path among values", text));
  return std::move(*path);
}

FormFields read_fields(const Yaml& node) {
  StrictMap map(node);
  FormFields fields;
  for (const auto& [key, member] : kFields) fields.*member = read_path(node, map.text(key));
  fields.is_bare_digest = map.is_true("bareDigest");
  fields.repository_suffix = map.text("repositorySuffix");
  fields.tag_suffix = map.text("tagSuffix");
  map.finish();
  return fields;
}

std::string field_lines(const FormFields& fields, std::size_t indent) {
  std::string lines;
  for (const auto& [key, member] : kFields)
    if (!(fields.*member).empty()) lines += yaml_field(key, path_text(fields.*member), indent);
  if (fields.is_bare_digest) lines += std::string(indent, ' ') + "bareDigest: true\n";
  if (!fields.repository_suffix.empty())
    lines += yaml_field("repositorySuffix", fields.repository_suffix, indent);
  if (!fields.tag_suffix.empty()) lines += yaml_field("tagSuffix", fields.tag_suffix, indent);
  return lines;
}

}  // namespace

ImagePlace take_place(StrictMap& map) {
  ImagePlace place{.chart = map.text("chart"), .path = read_path(map.node(), map.text("path"))};
  const std::string form = map.text("form");
  if (!form.empty()) place.form = read_name<Form>(map.node(), form, "form");
  if (const std::optional<Yaml> fields = map.take("fields")) place.fields = read_fields(*fields);
  const bool has_more = place.form != Form::kNone || place.fields != FormFields{};
  if (place.path.empty() && has_more) refuse(map.node(), "'form' and 'fields' need a 'path'");
  return place;
}

PullSecretPlace read_pull_secret(const Yaml& node) {
  StrictMap map(node);
  PullSecretPlace place{.path = read_path(node, map.required_text("path"))};
  const std::string form = map.text("form");
  if (!form.empty()) place.form = read_name<SecretForm>(node, form, "form");
  place.chart = map.text("chart");
  map.finish();
  return place;
}

std::string place_lines(const ImagePlace& place, std::size_t indent) {
  std::string lines;
  if (!place.chart.empty()) lines += yaml_field("chart", place.chart, indent);
  const std::string fields = field_lines(place.fields, indent + 2);
  if (!fields.empty()) lines += std::string(indent, ' ') + "fields:\n" + fields;
  if (place.form != Form::kNone)
    lines += yaml_field("form", std::string(name_of(place.form)), indent);
  if (!place.path.empty()) lines += yaml_field("path", path_text(place.path), indent);
  return lines;
}

}  // namespace tote::bundle::discover
