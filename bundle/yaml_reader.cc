#include "bundle/yaml_reader.h"

#include "base/error.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <set>

namespace tote::bundle {

struct Yaml::Node {
  YAML::Node yaml;
  std::shared_ptr<const std::string> origin;
};

Yaml Yaml::parse(std::string_view text, std::string_view origin) {
  try {
    return Yaml(std::make_shared<const Node>(
        Node{YAML::Load(std::string(text)), std::make_shared<const std::string>(origin)}));
  } catch (const YAML::Exception& failure) {
    throw Error(ErrorKind::kParse,
                failure.mark.is_null()
                    ? fmt::format("{}: not valid YAML: {}", origin, failure.msg)
                    : fmt::format("{}, line {}: {}", origin, failure.mark.line + 1, failure.msg));
  }
}

Yaml::Kind Yaml::kind() const {
  switch (node_->yaml.Type()) {
    case YAML::NodeType::Scalar:
      return Kind::kScalar;
    case YAML::NodeType::Sequence:
      return Kind::kList;
    case YAML::NodeType::Map:
      return Kind::kMap;
    default:
      return Kind::kNull;
  }
}

std::string Yaml::where() const {
  return fmt::format("{}, line {}", *node_->origin, node_->yaml.Mark().line + 1);
}

std::string Yaml::text() const {
  if (kind() != Kind::kScalar)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a string", where()));
  return node_->yaml.Scalar();
}

std::vector<Yaml> Yaml::items() const {
  if (kind() != Kind::kList)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a list", where()));
  std::vector<Yaml> items;
  for (const YAML::Node& item : node_->yaml)
    items.push_back(Yaml(std::make_shared<const Node>(Node{item, node_->origin})));
  return items;
}

std::vector<std::pair<std::string, Yaml>> Yaml::members() const {
  if (kind() != Kind::kMap)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a mapping", where()));
  std::vector<std::pair<std::string, Yaml>> members;
  std::set<std::string> seen;
  for (const auto& entry : node_->yaml) {
    const Yaml key(std::make_shared<const Node>(Node{entry.first, node_->origin}));
    std::string name = key.text();
    if (!seen.insert(name).second)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: key \"{}\" already set in map", key.where(), name));
    members.emplace_back(std::move(name),
                         Yaml(std::make_shared<const Node>(Node{entry.second, node_->origin})));
  }
  return members;
}

}  // namespace tote::bundle
