#include "bundle/discover/yaml_fields.h"

namespace tote::bundle::discover {

std::optional<Yaml> member(const Yaml& node, std::string_view key) {
  if (node.kind() != Yaml::Kind::kMap) return std::nullopt;
  for (auto& [name, value] : node.members(Yaml::Duplicates::kLastCounts))
    if (name == key)
      return value.kind() == Yaml::Kind::kNull ? std::nullopt : std::optional<Yaml>(value);
  return std::nullopt;
}

std::optional<Yaml> member(const Yaml& node, std::initializer_list<std::string_view> keys) {
  std::optional<Yaml> found = node;
  for (const std::string_view key : keys)
    if (found) found = member(*found, key);
  return found;
}

std::string text_member(const Yaml& node, std::string_view key) {
  const std::optional<Yaml> found = member(node, key);
  return found && is_scalar(*found) ? found->text() : "";
}

bool is_scalar(const Yaml& node) {
  return node.kind() == Yaml::Kind::kScalar;
}

std::vector<Yaml> items_member(const Yaml& node, std::string_view key) {
  const std::optional<Yaml> found = member(node, key);
  return found && found->kind() == Yaml::Kind::kList ? found->items() : std::vector<Yaml>{};
}

}  // namespace tote::bundle::discover
