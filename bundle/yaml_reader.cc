#include "bundle/yaml_reader.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <set>

namespace tote::bundle {

namespace {

// Aliases let a short text name many nodes; so many are looked at, and no more.
constexpr std::size_t kMaxVisits = 1'000'000;

}  // namespace

struct Yaml::Document {
  std::string origin;
  std::size_t visits = 0;
};

struct Yaml::Node {
  YAML::Node yaml;
  std::shared_ptr<Document> document;
};

Yaml Yaml::child(const void* yaml) const {
  if (++node_->document->visits > kMaxVisits)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: more than {} nodes", node_->document->origin, kMaxVisits));
  return Yaml(
      std::make_shared<const Node>(Node{*static_cast<const YAML::Node*>(yaml), node_->document}));
}

Yaml Yaml::parse(std::string_view text, std::string_view origin) {
  if (!is_utf8(text)) throw Error(ErrorKind::kParse, fmt::format("{}: not UTF-8", origin));
  try {
    return Yaml(std::make_shared<const Node>(Node{
        YAML::Load(std::string(text)), std::make_shared<Document>(Document{std::string(origin)})}));
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
  return fmt::format("{}, line {}", node_->document->origin, node_->yaml.Mark().line + 1);
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
  for (const YAML::Node& item : node_->yaml) items.push_back(child(&item));
  return items;
}

std::vector<std::pair<std::string, Yaml>> Yaml::members() const {
  if (kind() != Kind::kMap)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a mapping", where()));
  std::vector<std::pair<std::string, Yaml>> members;
  std::set<std::string> seen;
  for (const auto& entry : node_->yaml) {
    const Yaml key = child(&entry.first);
    std::string name = key.text();
    if (!seen.insert(name).second)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: key \"{}\" already set in map", key.where(), name));
    members.emplace_back(std::move(name), child(&entry.second));
  }
  return members;
}

}  // namespace tote::bundle
