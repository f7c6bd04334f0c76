#include "chart/chart_metadata.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/version.h"
#include "base/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace tote::chart {
namespace {

constexpr std::size_t kMaxDependencies = 1000;

[[noreturn]] void refuse(const Value& value, std::string_view what) {
  throw Error(ErrorKind::kParse, fmt::format("{}: {}", value.origin().str(), what));
}

// Helm reads a number where text is expected as what the number is: an appVersion 1.10 is "1.1",
// and 0x10 is "16".
std::string text_of_number(const std::string& raw) {
  std::string text =
      std::visit([](auto value) { return fmt::format("{}", value); }, yaml_number(raw));
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string text_of(const Value& value, std::string_view name) {
  if (value.is_null()) return "";
  if (!value.is_scalar()) refuse(value, fmt::format("'{}' is to be text", name));
  const bool is_number = value.type() == YamlType::kInteger || value.type() == YamlType::kFloat;
  return is_number ? text_of_number(value.text()) : value.text();
}

std::string text_at(const Value& map, std::string_view name) {
  const Value* value = map.find(name);
  return value == nullptr ? "" : text_of(*value, name);
}

const std::vector<ValuePtr>& items_at(const Value& map, std::string_view name) {
  static const std::vector<ValuePtr> kNone;
  const Value* value = map.find(name);
  if (value == nullptr || value->is_null()) return kNone;
  if (!value->is_list()) refuse(*value, fmt::format("'{}' is to be a list", name));
  return value->items();
}

std::vector<std::string> texts_at(const Value& map, std::string_view name) {
  std::vector<std::string> texts;
  for (const ValuePtr& item : items_at(map, name)) texts.push_back(text_of(*item, name));
  return texts;
}

void check_map(const Value& value, std::string_view name) {
  if (!value.is_map()) refuse(value, fmt::format("what '{}' lists is to be a mapping", name));
}

ValueImport read_import(const Value& value) {
  if (value.is_scalar()) return {"exports." + value.text(), "."};
  check_map(value, "import-values");
  ValueImport import{text_at(value, "child"), text_at(value, "parent")};
  if (import.child.empty() || import.parent.empty())
    refuse(value, "'import-values' names a 'child' and a 'parent', or one text");
  return import;
}

Dependency read_dependency(const Value& value) {
  check_map(value, "dependencies");
  Dependency dependency{.name = text_at(value, "name"),
                        .version = text_at(value, "version"),
                        .repository = text_at(value, "repository"),
                        .alias = text_at(value, "alias"),
                        .condition = text_at(value, "condition"),
                        .tags = texts_at(value, "tags"),
                        .where = value.origin().str()};
  if (dependency.name.empty()) refuse(value, "a dependency has no name");
  for (const std::string& name : {dependency.name, dependency.alias})
    if (name.find_first_of("/\\") != std::string::npos || name == "." || name == "..")
      refuse(value, fmt::format("'{}' can not be the name of a dependency", printable(name)));
  for (const ValuePtr& item : items_at(value, "import-values"))
    dependency.imports.push_back(read_import(*item));
  return dependency;
}

std::vector<Dependency> read_dependencies(const Value& root) {
  const std::vector<ValuePtr>& items = items_at(root, "dependencies");
  if (items.size() > kMaxDependencies)
    refuse(*items.front(), fmt::format("more than {} dependencies", kMaxDependencies));
  std::vector<Dependency> dependencies;
  for (const ValuePtr& item : items) dependencies.push_back(read_dependency(*item));
  return dependencies;
}

void read_people(const Value& root, ChartMetadata& metadata) {
  for (const ValuePtr& item : items_at(root, "maintainers")) {
    check_map(*item, "maintainers");
    metadata.maintainers.push_back(
        {text_at(*item, "name"), text_at(*item, "email"), text_at(*item, "url")});
  }
  const Value* annotations = root.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return;
  if (!annotations->is_map()) refuse(*annotations, "'annotations' is to be a mapping");
  for (const auto& [name, value] : annotations->members())
    metadata.annotations.emplace_back(name, text_of(*value, name));
}

void check_name(const Value& root, const ChartMetadata& metadata) {
  if (metadata.name.empty()) refuse(root, "the chart has no 'name'");
  const bool has_control = std::any_of(metadata.name.begin(), metadata.name.end(),
                                       [](char c) { return c < ' ' && c >= 0; });
  if (metadata.name.find_first_of("/\\\x7f") != std::string::npos || has_control ||
      metadata.name == "." || metadata.name == "..")
    refuse(*root.find("name"),
           fmt::format("'{}' can not be the name of a chart", printable(metadata.name)));
}

void check_version(const Value& root, const ChartMetadata& metadata) {
  if (metadata.version.empty()) refuse(root, "the chart has no 'version'");
  if (!Version::parse(metadata.version))
    refuse(*root.find("version"),
           fmt::format("'{}' is no semantic version", printable(metadata.version)));
}

ValuePtr read_root(std::string_view text, const std::string& origin) {
  ValueBudget budget;
  return read_values(text, origin, budget);
}

}  // namespace

const std::string* ChartMetadata::annotation(std::string_view wanted) const noexcept {
  const auto found = std::find_if(annotations.begin(), annotations.end(),
                                  [&](const auto& entry) { return entry.first == wanted; });
  return found == annotations.end() ? nullptr : &found->second;
}

ChartMetadata parse_chart_metadata(std::string_view text, const std::string& origin) {
  const ValuePtr root = read_root(text, origin);
  ChartMetadata metadata{.name = text_at(*root, "name"),
                         .version = text_at(*root, "version"),
                         .app_version = text_at(*root, "appVersion"),
                         .kube_version = text_at(*root, "kubeVersion"),
                         .description = text_at(*root, "description"),
                         .home = text_at(*root, "home"),
                         .icon = text_at(*root, "icon"),
                         .keywords = texts_at(*root, "keywords"),
                         .sources = texts_at(*root, "sources"),
                         .dependencies = read_dependencies(*root)};
  check_name(*root, metadata);
  check_version(*root, metadata);
  if (std::string version = text_at(*root, "apiVersion"); !version.empty())
    metadata.api_version = std::move(version);
  if (std::string type = text_at(*root, "type"); !type.empty()) metadata.type = std::move(type);
  if (metadata.type != "application" && metadata.type != "library")
    refuse(*root->find("type"), fmt::format("got the type '{}', want 'application' or 'library'",
                                            printable(metadata.type)));
  const Value* deprecated = root->find("deprecated");
  metadata.is_deprecated = deprecated != nullptr && deprecated->is(true);
  read_people(*root, metadata);
  return metadata;
}

std::vector<Dependency> parse_requirements(std::string_view text, const std::string& origin) {
  return read_dependencies(*read_root(text, origin));
}

std::vector<LockedDependency> parse_chart_lock(std::string_view text, const std::string& origin) {
  const ValuePtr root = read_root(text, origin);
  std::vector<LockedDependency> locked;
  for (const ValuePtr& item : items_at(*root, "dependencies")) {
    check_map(*item, "dependencies");
    locked.push_back(
        {text_at(*item, "name"), text_at(*item, "version"), text_at(*item, "repository")});
  }
  return locked;
}

}  // namespace tote::chart
