#include "bundle/discover/sibling_rules.h"

#include "bundle/discover/image_parts.h"
#include "bundle/discover/key_words.h"
#include "bundle/discover/tag_sources.h"

#include <array>
#include <map>

namespace tote::bundle::discover {
namespace {

// What the keys say that begin with the same words, up to "image".
struct Group {
  std::string prefix;    // folded, without "image": "", "controller"
  std::string key = {};  // of the text that names the image
  bool is_name = false;  // "imageName", "imageRepository": not the image itself
  Part reference = {};
  Part registry = {};
  Part tag = {};
  Part digest = {};
};

using Groups = std::vector<Group>;

Group& group_of(Groups& groups, std::map<std::string, std::size_t>& positions,
                const std::string& prefix) {
  const auto [found, is_new] = positions.try_emplace(prefix, groups.size());
  if (is_new) groups.push_back({.prefix = prefix});
  return groups[found->second];
}

enum class Role { kNone, kImage, kName, kRegistry, kTag, kDigest };

Role role_of(const std::vector<std::string>& words, std::size_t image) {
  if (image + 1 == words.size()) return Role::kImage;
  if (image + 2 != words.size()) return Role::kNone;
  const std::string& last = words.back();
  if (last == "name" || last == "repository" || last == "repo") return Role::kName;
  if (last == "registry" || last == "hub") return Role::kRegistry;
  if (last == "tag" || last == "version") return Role::kTag;
  return last == "digest" || last == "sha" || last == "sha256" ? Role::kDigest : Role::kNone;
}

void put(Group& group, Role role, std::string_view key, Part part) {
  switch (role) {
    case Role::kImage:
    case Role::kName:
      if (!group.reference.empty()) return;
      group.reference = std::move(part);
      group.key = key;
      group.is_name = role == Role::kName;
      return;
    case Role::kRegistry:
      group.registry = std::move(part);
      return;
    case Role::kTag:
      group.tag = std::move(part);
      return;
    case Role::kDigest:
      group.digest = std::move(part);
      return;
    case Role::kNone:
      return;
  }
}

Groups groups_in(const MapScope& scope) {
  Groups groups;
  std::map<std::string, std::size_t> positions;
  for (const auto& [key, value] : scope.map.members()) {
    if (value->is_map() || value->is_list() || !says_image(key)) continue;
    const std::vector<std::string> words = words_of(key);
    std::size_t image = words.size();
    std::string prefix;
    for (std::size_t i = 0; i < words.size() && image == words.size(); ++i)
      if (words[i] == "image")
        image = i;
      else
        prefix += words[i];
    if (image == words.size()) continue;
    const Role role = role_of(words, image);
    if (role != Role::kNone) put(group_of(groups, positions, prefix), role, key, scope.part(key));
  }
  return groups;
}

// "controllerTag", "controllerVersion" of "controllerImage"; then what stands there for all.
Part other_tag(const MapScope& scope, const Group& group) {
  const std::string stem =
      group.key.substr(0, group.key.size() - std::min<std::size_t>(group.key.size(), 5));
  if (!group.prefix.empty() && !group.is_name) {
    const bool is_snake = stem.ends_with('_') || stem.ends_with('-');
    for (const char* word : {"Tag", "Version", "tag", "version"})
      if (Part part = scope.part(stem + word);
          part.is_written && is_snake == (word[0] != 'T' && word[0] != 'V'))
        return part;
  }
  Part best =
      scope.first_of({"tag", "imageTag", "image_tag", "version", "imageVersion", "release"});
  return best;
}

Part hub_of(const MapScope& scope) {
  for (const char* key : {"hub", "registry"})
    if (Part part = scope.part(key); !part.empty()) return part;
  for (const char* path : {"global.hub", "hub"})
    if (Part part = scope.chart.part(path); !part.empty()) return part;
  return {};
}

Part hub_tag(const MapScope& scope, const Part& own) {
  if (!own.empty()) return own;
  for (const char* path : {"global.tag", "tag"})
    if (Part part = scope.chart.part(path); !part.empty()) return part;
  return own;
}

// V9: "pilot" behind "docker.io/istio". False: there is no hub for it.
bool take_behind_hub(const MapScope& scope, const Group& group, const Part& own_tag) {
  if (group.is_name || group.reference.text.find_first_of("/:@") != std::string::npos) return false;
  const Part hub = hub_of(scope);
  const bool is_registry = !hub.empty() && !hub.path.empty() && hub.path.back() != "hub";
  const Part tag = hub_tag(scope, own_tag);
  if (hub.empty() || is_registry || tag.empty()) return false;
  add_image(scope, {.rule = "V9",
                    .form = Form::kHub,
                    .path = group.reference.path,
                    .registry = hub,
                    .repository = group.reference,
                    .tag = tag,
                    .certainty = Certainty::kMedium});
  return true;
}

bool uses_app_version(const MapScope& scope, const Group& group) {
  return scope.chart.facts.app_version_for(scope.template_path(group.key));
}

// At the root "imageRepository" may be the namespace of all.
bool is_root_setting(const MapScope& scope, const Group& group, const Part& tag) {
  if (!group.is_name || scope.path != scope.chart.root_path) return false;
  return group.prefix == "default" || (group.prefix.empty() && !tag.is_written);
}

// "repository: nvcr.io/nvidia" beside "image: driver" is what stands in front of it.
Part repository_beside(const MapScope& scope, const Group& group) {
  if (group.is_name || group.reference.text.find_first_of("/:@") != std::string::npos) return {};
  Part repository = scope.part("repository");
  return is_no_image(repository.text) || repository.type != YamlType::kText ? Part{} : repository;
}

// V6: all in one text.
void take_reference(const MapScope& scope, const Group& group) {
  add_image(scope, {.rule = "V6",
                    .form = Form::kReference,
                    .repository = group.reference,
                    .certainty = Certainty::kMedium});
}

void take_group(const MapScope& scope, const Group& group) {
  const TakenApart inside = take_apart(group.reference.text);
  const bool is_complete = !inside.tag.empty() || !inside.digest.empty();
  if (is_complete && group.tag.empty() && group.registry.empty())
    return take_reference(scope, group);
  Part tag = group.tag.is_written ? group.tag : other_tag(scope, group);
  if (group.tag.is_written && tag.empty())
    if (Part other = other_tag(scope, group); !other.empty() && !group.prefix.empty())
      tag = std::move(other);
  if (is_root_setting(scope, group, tag) || take_behind_hub(scope, group, tag)) return;
  const Part above = repository_beside(scope, group);
  ImageParts parts{.rule = group.is_name ? "V4" : "V5",
                   .form = group.is_name ? Form::kNameTag : Form::kPair,
                   .path = group.reference.path,
                   .registry = group.registry.empty() ? scope.part("registry") : group.registry,
                   .repository = above.empty() ? group.reference : above,
                   .name = above.empty() ? Part{} : group.reference,
                   .tag = tag,
                   .digest = group.digest,
                   .certainty = Certainty::kMedium};
  parts.wants_app_version = tag.is_written || !above.empty() || uses_app_version(scope, group);
  add_image(scope, parts);
}

// V4: "initContainerImageTag" beside "imageName" is the tag of one more, of the same name.
void take_more_tags(const MapScope& scope, const Groups& groups) {
  const auto named = std::find_if(groups.begin(), groups.end(), [](const Group& group) {
    return group.prefix.empty() && group.is_name && !group.reference.empty();
  });
  if (named == groups.end()) return;
  for (const Group& group : groups) {
    if (!group.reference.path.empty() || group.tag.empty()) continue;
    if (group.prefix == "default" && is_root_setting(scope, *named, named->tag)) continue;
    add_image(scope, {.rule = "V4",
                      .form = Form::kNameTag,
                      .path = group.tag.path,
                      .registry = named->registry,
                      .repository = named->reference,
                      .tag = group.tag,
                      .certainty = Certainty::kMedium});
  }
}

// V4: "defaultAirflowRepository" beside "defaultAirflowTag".
void take_named_pairs(const MapScope& scope) {
  constexpr std::string_view kRepository = "Repository";
  for (const auto& [key, value] : scope.map.members()) {
    if (!key.ends_with(kRepository) || says_image(key) || says_artifact(key)) continue;
    const std::string stem = key.substr(0, key.size() - kRepository.size());
    const Part repository = scope.part(key);
    const Part tag = scope.part(stem + "Tag");
    if (stem.empty() || tag.empty() || is_no_image(repository.text) || is_template(repository.text))
      continue;
    add_image(scope, {.rule = "V4",
                      .form = Form::kNameTag,
                      .path = repository.path,
                      .registry = scope.part(stem + "Registry"),
                      .repository = repository,
                      .tag = tag,
                      .digest = scope.part(stem + "Digest"),
                      .certainty = Certainty::kMedium});
  }
}

}  // namespace

void take_sibling_images(const MapScope& scope) {
  const Groups groups = groups_in(scope);
  for (const Group& group : groups) {
    if (group.reference.empty() || is_no_image(group.reference.text)) continue;
    const YamlType type = group.reference.type;
    if (type == YamlType::kText && !scope.is_artifact) take_group(scope, group);
  }
  take_more_tags(scope, groups);
  take_named_pairs(scope);
}

}  // namespace tote::bundle::discover
