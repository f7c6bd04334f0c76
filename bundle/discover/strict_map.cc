#include "bundle/discover/strict_map.h"

#include "base/error.h"
#include "base/printable.h"

#include <fmt/format.h>

#include <utility>

namespace tote::bundle::discover {

void refuse(const Yaml& node, std::string_view why) {
  throw Error(ErrorKind::kParse, printable(fmt::format("{}: {}", node.where(), why)));
}

StrictMap::StrictMap(const Yaml& node) : node_(node) {
  if (node.kind() != Yaml::Kind::kMap) refuse(node, "expected a map");
  for (auto& [key, value] : node.members()) members_.emplace(std::move(key), std::move(value));
}

std::optional<Yaml> StrictMap::take(const std::string& key) {
  const auto found = members_.find(key);
  if (found == members_.end()) return std::nullopt;
  const Yaml value = found->second;
  members_.erase(found);
  return value.kind() == Yaml::Kind::kNull ? std::nullopt : std::optional<Yaml>(value);
}

std::string StrictMap::text(const std::string& key) {
  const std::optional<Yaml> value = take(key);
  if (!value) return {};
  if (value->kind() != Yaml::Kind::kScalar)
    refuse(*value, fmt::format("'{}' has to be a text", key));
  return value->text();
}

std::string StrictMap::required_text(const std::string& key) {
  std::string value = text(key);
  if (value.empty()) refuse(node_, fmt::format("'{}' is missing", key));
  return value;
}

bool StrictMap::is_true(const std::string& key) {
  const std::optional<Yaml> value = take(key);
  if (!value) return false;
  const bool is_bool = value->kind() == Yaml::Kind::kScalar && value->type() == YamlType::kBool;
  if (!is_bool || (value->text() != "true" && value->text() != "false"))
    refuse(*value, fmt::format("'{}' has to be true or false", key));
  return value->text() == "true";
}

std::vector<Yaml> StrictMap::items(const std::string& key) {
  const std::optional<Yaml> value = take(key);
  if (!value) return {};
  if (value->kind() != Yaml::Kind::kList) refuse(*value, fmt::format("'{}' has to be a list", key));
  return value->items();
}

void StrictMap::finish() const {
  if (members_.empty()) return;
  const auto& [key, value] = *members_.begin();
  refuse(value, fmt::format("unknown key '{}'", key));
}

void StrictMap::take_head(std::string_view kind) {
  const std::string found = required_text("kind");
  if (found != kind) refuse(node_, fmt::format("kind '{}', expected '{}'", found, kind));
  const std::string version = required_text("version");
  if (version != "1")
    refuse(node_,
           fmt::format("version '{}' of {}: this tote reads version 1, so a newer one is needed",
                       version, kind));
}

}  // namespace tote::bundle::discover
