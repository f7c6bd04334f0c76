#include "chart/helm_config.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "chart/chart_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace tote::chart {
namespace {

// Go's unicode.IsSpace beyond ASCII, and what it does not print of what stands in texts by mistake.
bool is_wide_blank(std::string_view c) {
  if (c == "\xC2\x85" || c == "\xC2\xA0" || c == "\xE1\x9A\x80" || c == "\xE3\x80\x80") return true;
  if (!c.starts_with("\xE2\x80") && !c.starts_with("\xE2\x81")) return false;
  const auto last = static_cast<unsigned char>(c[2]);
  if (c[1] == '\x81') return last == 0x9F;
  return last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF;
}
bool is_unprintable(std::string_view c) {
  if (c.size() == 1) return c[0] < ' ' || c[0] == '\x7F';
  if (c.size() == 2) return c < "\xC2\xA0" || c == "\xC2\xAD";
  if (c == "\xEF\xBB\xBF") return true;
  return (c >= "\xE2\x80\x8B" && c <= "\xE2\x80\x8F") ||
         (c >= "\xE2\x80\xAA" && c <= "\xE2\x80\xAE") ||
         (c >= "\xE2\x81\xA0" && c <= "\xE2\x81\xAF");
}

}  // namespace

std::string helm_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    const std::string_view c = text.substr(0, length);
    text.remove_prefix(length);
    if ((length == 1 && c.find_first_of("\t\n\v\f\r ") == 0) || (length > 1 && is_wide_blank(c)))
      out += ' ';
    else if (!is_unprintable(c))
      out += c;
  }
  return out;
}

namespace {

std::string cleaned(const std::string& text) {
  return helm_text(text);
}

std::vector<std::string> cleaned(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(cleaned(text));
  return out;
}

void write_value(const Value& value, JsonWriter& json);

void write_scalar(const Value& value, JsonWriter& json) {
  switch (value.type()) {
    case YamlType::kBool:
      json.value(value.is(true));
      return;
    case YamlType::kInteger:
    case YamlType::kFloat:
      if (const double number = as_double(yaml_number(value.text())); std::isfinite(number)) {
        json.value(RawJson{fmt::format("{}", number)});
        return;
      }
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: JSON has no number '{}'", value.origin().str(), value.text()));
    default:
      json.value(value.text());
  }
}

void write_map(const Value& value, JsonWriter& json) {
  std::map<std::string, ValuePtr> sorted(value.members().begin(), value.members().end());
  json.begin_object();
  for (const auto& [name, member] : sorted) write_value(*member, json.key(name));
  json.end_object();
}

void write_value(const Value& value, JsonWriter& json) {
  if (value.is_null()) {
    json.value(nullptr);
  } else if (value.is_scalar()) {
    write_scalar(value, json);
  } else if (value.is_map()) {
    write_map(value, json);
  } else {
    json.begin_array();
    for (const ValuePtr& item : value.items()) write_value(*item, json);
    json.end_array();
  }
}

void write_list(const char* name, const Value* value, JsonWriter& json) {
  if (value != nullptr && value->is_list() && !value->items().empty())
    write_value(*value, json.key(name));
}

// `raw` has what the metadata does not keep as it was written.
void write_dependency(const Dependency& dependency, const Value* raw, JsonWriter& json) {
  const auto member = [&](const char* name) { return raw == nullptr ? nullptr : raw->find(name); };
  json.begin_object()
      .member("name", cleaned(dependency.name))
      .member_unless_empty("version", cleaned(dependency.version))
      .member("repository", cleaned(dependency.repository))
      .member_unless_empty("condition", cleaned(dependency.condition))
      .member_unless_empty("tags", cleaned(dependency.tags));
  if (const Value* enabled = member("enabled"); enabled != nullptr && enabled->is(true))
    json.member("enabled", true);
  write_list("import-values", member("import-values"), json);
  write_list("export-values", member("export-values"), json);
  json.member_unless_empty("alias", dependency.alias).end_object();
}

void write_dependencies(const std::vector<Dependency>& dependencies, const Value& root,
                        JsonWriter& json) {
  if (dependencies.empty()) return;
  const Value* list = root.find("dependencies");
  json.key("dependencies").begin_array();
  for (std::size_t i = 0; i < dependencies.size(); ++i)
    write_dependency(dependencies[i], list == nullptr ? nullptr : list->items()[i].get(), json);
  json.end_array();
}

void write_maintainers(const std::vector<Maintainer>& maintainers, JsonWriter& json) {
  if (maintainers.empty()) return;
  json.key("maintainers").begin_array();
  for (const Maintainer& maintainer : maintainers)
    json.begin_object()
        .member_unless_empty("name", cleaned(maintainer.name))
        .member_unless_empty("email", cleaned(maintainer.email))
        .member_unless_empty("url", cleaned(maintainer.url))
        .end_object();
  json.end_array();
}

// A text that the metadata does not have.
std::string text_at(const Value& root, std::string_view name) {
  const Value* value = root.find(name);
  return value != nullptr && value->is_scalar() ? value->text() : "";
}

void write_texts(const ChartMetadata& metadata, const Value& root, JsonWriter& json) {
  json.member("name", cleaned(metadata.name))
      .member_unless_empty("home", cleaned(metadata.home))
      .member_unless_empty("sources", cleaned(metadata.sources))
      .member("version", metadata.version)
      .member_unless_empty("description", cleaned(metadata.description))
      .member_unless_empty("keywords", cleaned(metadata.keywords));
  write_maintainers(metadata.maintainers, json);
  json.member_unless_empty("icon", cleaned(metadata.icon))
      .member("apiVersion", metadata.api_version)
      .member_unless_empty("condition", cleaned(text_at(root, "condition")))
      .member_unless_empty("tags", cleaned(text_at(root, "tags")))
      .member_unless_empty("appVersion", cleaned(metadata.app_version));
  if (metadata.is_deprecated) json.member("deprecated", true);
  json.member_unless_empty("annotations",
                           std::map<std::string, std::string>(metadata.annotations.begin(),
                                                              metadata.annotations.end()))
      .member_unless_empty("kubeVersion", cleaned(metadata.kube_version));
}

}  // namespace

std::string encode_helm_config(const Chart& chart) {
  const ChartMetadata& metadata = chart.metadata;
  const auto read = [&](const char* name) {
    ValueBudget budget;
    return read_values(chart.files.find(name)->second, name, budget);
  };
  const ValuePtr root = read("Chart.yaml");
  JsonWriter json;
  json.begin_object();
  write_texts(metadata, *root, json);
  const bool is_old = metadata.api_version == "v1" && chart.files.contains("requirements.yaml");
  write_dependencies(metadata.dependencies, is_old ? *read("requirements.yaml") : *root, json);
  return json.member_unless_empty("type", text_at(*root, "type")).end_object().take();
}

}  // namespace tote::chart
