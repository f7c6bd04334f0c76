#include "bundle/discover/kbld_config.h"

#include "base/error.h"
#include "base/text.h"
#include "bundle/discover/yaml_fields.h"

#include <fmt/format.h>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kKbld = "kbld.k14s.io/v1alpha1";
constexpr std::string_view kImgpkg = "imgpkg.carvel.dev/v1alpha1";
constexpr std::string_view kIdAnnotation = "kbld.carvel.dev/id";

[[noreturn]] void refuse(const Yaml& node, std::string_view why) {
  throw Error(ErrorKind::kParse, fmt::format("{}: {}", node.where(), why));
}

KbldPathPart read_path_part(const Yaml& node) {
  if (is_scalar(node)) return node.text();
  if (const std::string index = text_member(node, "index"); !index.empty()) {
    const std::optional<std::uint64_t> number = parse_number(index);
    if (!number) refuse(node, fmt::format("index '{}' is no number", index));
    return static_cast<std::size_t>(*number);
  }
  if (text_member(node, "allIndexes") == "true") return AnyPosition{};
  refuse(node, "a part of a path is a key, {index: N} or {allIndexes: true}");
}

std::vector<KbldRule> read_rules(const Yaml& node);

void read_update(const Yaml& node, KbldRule& rule) {
  const std::optional<Yaml> strategy = member(node, "updateStrategy");
  if (!strategy || strategy->kind() != Yaml::Kind::kMap) return;
  for (const auto& [name, value] : strategy->members(Yaml::Duplicates::kLastCounts)) {
    if (name == "none")
      rule.update = KbldRule::Update::kNone;
    else if (name == "json")
      rule.update = KbldRule::Update::kJson;
    else if (name == "yaml")
      rule.update = KbldRule::Update::kYaml;
    else if (name != "entireValue" && name != "entireString")
      refuse(value, fmt::format("unknown update strategy '{}'", name));
    if (name == "json" || name == "yaml") rule.inner = read_rules(value);
  }
}

KbldRule read_rule(const Yaml& node) {
  KbldRule rule;
  const std::optional<Yaml> key = member(node, "keyMatcher");
  const std::optional<Yaml> value = member(node, "valueMatcher");
  if (!key && !value) refuse(node, "a search rule needs keyMatcher or valueMatcher");
  if (key) {
    rule.key = text_member(*key, "name");
    for (const Yaml& part : items_member(*key, "path")) rule.path.push_back(read_path_part(part));
    if (rule.key.empty() && rule.path.empty()) refuse(*key, "keyMatcher needs name or path");
  }
  if (value) {
    rule.image = text_member(*value, "image");
    rule.image_repository = text_member(*value, "imageRepo");
    if (rule.image.empty() && rule.image_repository.empty())
      refuse(*value, "valueMatcher needs image or imageRepo");
  }
  read_update(node, rule);
  return rule;
}

std::vector<KbldRule> read_rules(const Yaml& node) {
  std::vector<KbldRule> rules;
  for (const Yaml& item : items_member(node, "searchRules")) rules.push_back(read_rule(item));
  return rules;
}

KbldOverride read_matched(const Yaml& node) {
  KbldOverride change{.image = text_member(node, "image"),
                      .image_repository = text_member(node, "imageRepo")};
  if (change.image.empty() && change.image_repository.empty())
    refuse(node, "needs image or imageRepo");
  return change;
}

KbldOverride read_override(const Yaml& node) {
  KbldOverride change = read_matched(node);
  change.new_image = text_member(node, "newImage");
  change.is_preresolved = text_member(node, "preresolved") == "true";
  change.has_tag_selection = member(node, "tagSelection").has_value();
  change.has_platform_selection = member(node, "platformSelection").has_value();
  if (change.new_image.empty()) {
    if (!change.has_tag_selection && !change.has_platform_selection)
      refuse(node, "an override needs newImage");
    change.new_image = change.image.empty() ? change.image_repository : change.image;
  }
  return change;
}

// What somebody has resolved already, and under which name manifests know it.
void add_locked(const Yaml& item, std::vector<KbldOverride>& overrides) {
  const std::optional<Yaml> annotations = member(item, "annotations");
  const std::string image = text_member(item, "image");
  const std::string id = annotations ? text_member(*annotations, kIdAnnotation) : "";
  if (!id.empty() && !image.empty())
    overrides.push_back({.image = id, .new_image = image, .is_preresolved = true});
}

void add_kbld(const Yaml& document, KbldConfig& config) {
  for (const Yaml& key : items_member(document, "keys"))
    if (is_scalar(key)) config.rules.push_back({.key = key.text()});
  for (KbldRule& rule : read_rules(document)) config.rules.push_back(std::move(rule));
  for (const Yaml& item : items_member(document, "overrides"))
    config.overrides.push_back(read_override(item));
  for (const Yaml& item : items_member(document, "sources"))
    config.built.push_back(read_matched(item));
}

}  // namespace

void KbldConfig::add(const Yaml& document) {
  const std::string api_version = text_member(document, "apiVersion");
  if (api_version == kKbld) add_kbld(document, *this);
  if (api_version == kImgpkg && text_member(document, "kind") == "ImagesLock")
    for (const Yaml& item : items_member(document, "images")) add_locked(item, overrides);
}

KbldConfig KbldConfig::read(std::string_view text, std::string_view origin) {
  KbldConfig config;
  for (const Yaml& document : Yaml::parse_all(text, origin)) config.add(document);
  return config;
}

std::string_view without_tag_or_digest(std::string_view reference) {
  reference = reference.substr(0, reference.find('@'));
  const std::size_t colon = reference.rfind(':');
  if (colon == std::string_view::npos || reference.find('/', colon) != std::string_view::npos)
    return reference;
  return reference.substr(0, colon);
}

bool applies(const KbldOverride& change, std::string_view reference) {
  if (!change.image.empty()) return change.image == reference;
  return change.image_repository == without_tag_or_digest(reference);
}

}  // namespace tote::bundle::discover
