#include "bundle/discover/map_rules.h"

#include "base/printable.h"
#include "base/text.h"
#include "bundle/discover/image_parts.h"
#include "bundle/discover/key_words.h"
#include "bundle/discover/variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::bundle::discover {
namespace {

using Keys = std::vector<std::string_view>;

const Keys kRepositories{"repository", "imageRepository", "image_repository", "repo", "imageRepo"};
const Keys kImages{"image", "imageName", "image_name"};
const Keys kRegistries{"registry", "imageRegistry", "image_registry", "hub"};
const Keys kTags{"tag",          "imageTag",      "image_tag", "version",
                 "imageVersion", "image_version", "release"};
const Keys kDigests{"digest", "imageDigest", "image_digest", "sha", "sha256", "imageSha"};
const Keys kOverrides{"override", "imageOverride", "fullImage", "fullOverride"};
const Keys kTagSuffixes{"tagSuffix", "tag_suffix", "variant", "flavor", "tagLabel"};
const Keys kModifiers{"distroless", "fips",   "ubi",  "ubionly", "hardened",
                      "debug",      "alpine", "slim", "chroot"};

bool has_any(const chart::Value& map, const Keys& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const chart::Value* value = map.find(key);
    return value != nullptr && !value->is_map() && !value->is_list();
  });
}

// All parts that the mapping itself has.
struct MapParts {
  explicit MapParts(const MapScope& scope)
      : registry(scope.first_of(kRegistries)),
        repository(scope.first_of(kRepositories)),
        image(scope.first_of(kImages)),
        name(scope.part("name")),
        tag(scope.first_of(kTags)),
        digest(scope.first_of(kDigests)),
        override_text(scope.first_of(kOverrides)),
        tag_suffix(scope.first_of(kTagSuffixes)),
        default_registry(scope.part("defaultRegistry")) {}

  Part registry;
  Part repository;
  Part image;
  Part name;
  Part tag;
  Part digest;
  Part override_text;
  Part tag_suffix;
  Part default_registry;
};

bool is_modifier(const std::string& key, const chart::Value& value) {
  return value.is(true) &&
         std::find(kModifiers.begin(), kModifiers.end(), folded(key)) != kModifiers.end();
}

template <class Concerns>
void report_modifiers(const MapScope& scope, Concerns concerns_image) {
  for (const auto& [key, value] : scope.map.members()) {
    if (!is_modifier(key, *value) || !concerns_image(key)) continue;
    ValuePath path = scope.path;
    path.push_back(key);
    add_report(scope, path, "image-modifier",
               "it changes the image in a way that only the templates know");
  }
}

bool is_false(const MapScope& scope, std::string_view key) {
  const chart::Value* value = scope.map.find(key);
  return value != nullptr && value->is(false);
}

// "quay.io/a" and "b" are "quay.io/a/b": Strimzi's way, and that of charts whose templates say so.
bool is_namespace(const MapScope& scope, const Part& repository, const Part& name,
                  bool is_named_image) {
  if (repository.empty() || name.empty() || name.text.find_first_of("/:@ ") != std::string::npos)
    return false;
  if (!scope.chart.part("defaultImageRegistry").empty()) return true;
  if (is_named_image) return !repository.text.ends_with("/" + name.text);
  return scope.chart.facts.joins_repository_and_name();
}

void add_suffix(const MapScope& scope, const Part& suffix, std::string& to) {
  if (suffix.empty()) return;
  to = suffix.text.starts_with('-') || suffix.text.starts_with('.') ? suffix.text
                                                                    : "-" + suffix.text;
  add_report(scope, suffix.path, "image-modifier",
             "it is put behind the tag in a way that only the templates know");
}

ImageParts parts_of(const MapScope& scope, const MapParts& map) {
  ImageParts parts{.rule = "V1", .registry = map.registry, .tag = map.tag, .digest = map.digest};
  parts.default_registry = map.default_registry;
  // "tagLabel" is for the version of the app only.
  const bool is_for_app = map.tag_suffix.path.back() == "tagLabel" && !map.tag.empty();
  if (!is_for_app) add_suffix(scope, map.tag_suffix, parts.tag_suffix);
  if (is_false(scope, "useDigest")) parts.digest.text.clear();
  return parts;
}

void take_override(const MapScope& scope, const Part& text) {
  add_image(scope, {.rule = "V1", .form = Form::kReference, .repository = text});
}

// Where a repository replaces what is at the root it is all that has to be written, unless there is
// a registry that would stand in front of it.
void write_as_whole(const MapParts& map, ImageParts& parts) {
  parts.name.path.clear();
  if (map.registry.empty()) parts.registry.path.clear();
}

// V2: the host and what follows it stand at the root.
bool take_named(const MapScope& scope, const MapParts& map) {
  const ChartScope& chart = scope.chart;
  const Part root_registry = chart.part("imageRegistry");
  const Part default_registry = chart.part("defaultImageRegistry");
  if (map.name.empty() || map.name.text.find('/') != std::string::npos) return false;
  if (root_registry.empty() && default_registry.empty()) return false;
  if (scope.map.find("tagPrefix") != nullptr && map.tag.empty()) {
    add_unresolved(scope, map.name, "tag-suffix", "the end of its tag is in the templates");
    return true;
  }
  ImageParts parts = parts_of(scope, map);
  parts.rule = "V2";
  parts.form = Form::kNamed;
  parts.name = map.name;
  const bool replaces_all = default_registry.empty() && !map.repository.empty();
  parts.repository = map.repository;
  if (default_registry.empty()) write_as_whole(map, parts);
  if (replaces_all) {
    parts.name.text.clear();
    parts.is_whole_path = true;
  } else {
    if (map.repository.empty())
      for (const char* key : {"imageRepository", "defaultImageRepository", "imageNamespace"})
        if (Part part = chart.part(key); !part.empty()) parts.repository.text = part.text;
    // Its own comes first here, then that of all charts, then the root's.
    parts.is_whole_path = !map.registry.empty() || chart.part("global.imageRegistry").empty();
    if (map.registry.empty())
      parts.registry.text = (root_registry.empty() ? default_registry : root_registry).text;
  }
  parts.repository.path = map.repository.path;
  add_image(scope, parts);
  return true;
}

// "trivyDbRepository", "policyRepository".
bool is_artifact(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "db" || says_artifact(word); });
}

// V7: "crdRepository" beside "repository".
void take_more_repositories(const MapScope& scope, const ImageParts& first) {
  for (const auto& [key, value] : scope.map.members()) {
    const std::vector<std::string> words = words_of(key);
    if (words.size() < 2 || words.back() != "repository" || words.front() == "image") continue;
    ImageParts parts = first;
    parts.rule = "V7";
    parts.repository = scope.part(key);
    parts.path = parts.repository.path;
    parts.name = {};
    parts.digest = {};
    if (!is_no_image(parts.repository.text) && !is_artifact(words)) add_image(scope, parts);
  }
}

// "repo: openebs", of which the templates make "openebs/api-rest", "openebs/agent-core" and more.
bool is_prefix(const MapScope& scope, const Part& repository) {
  return !repository.empty() &&
         scope.chart.facts.goes_on_with_path(scope.template_path(repository.path.back()));
}

// V1. False: there is nothing that says which image it is.
bool take_repository(const MapScope& scope, const MapParts& map) {
  ImageParts parts = parts_of(scope, map);
  const Part& second = map.image.empty() ? map.name : map.image;
  if (map.repository.empty()) {
    parts.repository = second;
  } else {
    parts.repository = map.repository;
    if (is_namespace(scope, map.repository, second, !map.image.empty())) parts.name = second;
  }
  if (parts.repository.empty()) return false;
  if (parts.name.empty() && is_prefix(scope, map.repository)) {
    add_unresolved(scope, map.repository, "name-in-templates",
                   "the templates put a name behind it, for each image another one");
    return true;
  }
  if (is_no_image(parts.repository.text)) {
    add_report(scope, parts.repository.path, "not-an-image",
               fmt::format("'{}' is not the name of an image", printable(parts.repository.text)));
    return true;
  }
  // A name that is nothing more may be that of anything.
  const bool is_only_name = map.repository.empty() && map.image.empty();
  if (is_only_name && map.tag.empty() && map.digest.empty() && !map.tag.is_written)
    parts.may_lack_tag = parts.repository.text.find('/') == std::string::npos;
  if (is_only_name) parts.certainty = Certainty::kMedium;
  if (!take_variants(scope, parts)) add_image(scope, parts);
  take_more_repositories(scope, parts);
  return true;
}

// A registry alone is a setting for others.
bool is_more_than_registry(const MapParts& map) {
  return map.repository.is_written || map.image.is_written || map.name.is_written ||
         map.tag.is_written || map.digest.is_written;
}

}  // namespace

bool has_image_parts(const chart::Value& map) {
  return has_any(map, kRepositories) || has_any(map, kImages) || has_any(map, kRegistries) ||
         has_any(map, kTags) || has_any(map, kDigests) || has_any(map, {"name"});
}

bool names_no_image(const chart::Value& map) {
  Keys keys{"name"};
  keys.insert(keys.end(), kRepositories.begin(), kRepositories.end());
  keys.insert(keys.end(), kImages.begin(), kImages.end());
  return std::none_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const chart::Value* value = map.find(key);
    return value != nullptr && !value->text().empty();
  });
}

bool take_image_map(const MapScope& scope) {
  if (!has_image_parts(scope.map)) return false;
  const MapParts map(scope);
  report_modifiers(scope, [](const std::string&) { return true; });
  if (!map.override_text.empty())
    take_override(scope, map.override_text);
  else if (!take_named(scope, map) && !take_repository(scope, map) && is_more_than_registry(map))
    add_report(scope, scope.path, "inherits",
               "it names no image: the chart takes another one's, or none");
  return true;
}

void report_modifiers_outside(const MapScope& scope) {
  report_modifiers(scope, [&](const std::string& key) {
    return scope.chart.facts.image_uses(scope.template_path(key));
  });
}

bool take_plain_map(const MapScope& scope, std::string_view key) {
  for (const char* other : {"url", "branch", "ref", "revision", "targetRevision", "path", "chart"})
    if (scope.map.find(other) != nullptr) return false;
  // With an "image" beside them they are parts of that one.
  if (has_any(scope.map, {"image"})) return false;
  const bool has_tag = has_any(scope.map, {"tag", "digest", "sha"});
  const MapParts map(scope);
  if (!has_tag || !has_any(scope.map, {"repository"})) return false;
  if (map.repository.empty() || is_no_image(map.repository.text)) return false;
  if (scope.is_artifact || says_artifact(key)) {
    add_report(scope, scope.path, "oci-artifact",
               "it looks like an artifact that is no image: name it in hints if it is one",
               map.repository.text);
    return true;
  }
  ImageParts parts = parts_of(scope, map);
  parts.rule = "V8";
  parts.repository = map.repository;
  parts.certainty = says_image(key) ? Certainty::kMedium : Certainty::kLow;
  if (!take_variants(scope, parts)) add_image(scope, parts);
  return true;
}

}  // namespace tote::bundle::discover
