#include "bundle/discover/values_scan.h"

#include "base/error.h"
#include "base/printable.h"
#include "bundle/discover/composed_images.h"
#include "bundle/discover/group_rules.h"
#include "bundle/discover/image_parts.h"
#include "bundle/discover/key_words.h"
#include "bundle/discover/map_rules.h"
#include "bundle/discover/pull_secrets.h"
#include "bundle/discover/report_codes.h"
#include "bundle/discover/scan_root.h"
#include "bundle/discover/sibling_rules.h"
#include "bundle/discover/tag_sources.h"
#include "bundle/discover/template_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tote::bundle::discover {
namespace {

// Values of people are not nested like that; every place has all keys above it.
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxHandedDown = 3;  // registries and tags of what is around

// What a mapping's key makes of it.
enum class Kind { kRoot, kOther, kImages };

class Walker {
 public:
  explicit Walker(const ChartScope& chart) : chart_(chart) {}

  void run(const chart::Value& values) {
    MapScope root{.chart = chart_, .map = values, .path = chart_.prefix};
    root.optional = chart_.disabled;
    walk(root, Kind::kRoot);
  }

 private:
  void walk(const MapScope& scope, Kind kind) {
    take_sibling_images(scope);
    if (kind != Kind::kImages) report_modifiers_outside(scope);
    for (const auto& [key, value] : scope.map.members()) {
      if (kind == Kind::kRoot && is_of_subchart(key)) continue;
      if (is_pull_secret_key(key))
        take_pull_secret(scope, key, *value);
      else
        take_member(scope, kind, key, *value);
    }
  }

  // What is handled as a part of a subchart, or would be if that were there.
  bool is_of_subchart(const std::string& key) const {
    const auto& subcharts = chart_.chart.subcharts;
    const auto& missing = chart_.chart.missing;
    return std::any_of(subcharts.begin(), subcharts.end(),
                       [&](const auto& one) { return one.name == key; }) ||
           std::any_of(missing.begin(), missing.end(),
                       [&](const auto& one) { return one.dependency.key() == key; });
  }

  void take_member(const MapScope& scope, Kind kind, const std::string& key,
                   const chart::Value& value) {
    if (value.is_map())
      take_map(scope, kind, key, value);
    else if (value.is_list())
      take_list(scope, key, value);
    else if (kind == Kind::kImages && !says_image(key))
      take_of_images(inner(scope, kind, key, value), key, value);
    else if (!is_sibling_image(key))
      take_strong_reference(scope, key, value);
  }

  // Taken by the rules of siblings.
  static bool is_sibling_image(const std::string& key) {
    const std::vector<std::string> words = words_of(key);
    const auto image = std::find(words.begin(), words.end(), "image");
    return image != words.end() && words.end() - image <= 2 && !is_middle_image(words);
  }

  // "imageController": says image, and is none of the ways that are known.
  static bool is_middle_image(const std::vector<std::string>& words) {
    static const std::vector<std::string> kRoles{"name", "repository", "repo",    "registry",
                                                 "hub",  "tag",        "version", "digest",
                                                 "sha",  "sha256"};
    return words.back() != "image" &&
           std::find(kRoles.begin(), kRoles.end(), words.back()) == kRoles.end();
  }

  void take_map(const MapScope& outer, Kind kind, const std::string& key,
                const chart::Value& value) {
    const MapScope scope = inner(outer, kind, key, value);
    if (is_images_key(key)) return walk(scope, Kind::kImages);
    if (is_image_key(key) || kind == Kind::kImages) {
      if (take_image_map(scope)) return walk_below(scope);
      return walk(scope, Kind::kImages);
    }
    if (take_plain_map(scope, key)) return walk_below(scope);
    walk(scope, Kind::kOther);
  }

  // An image may have more of them inside.
  void walk_below(const MapScope& scope) {
    for (const auto& [key, value] : scope.map.members()) {
      if (is_pull_secret_key(key))
        take_pull_secret(scope, key, *value);
      else if (value->is_map())
        take_map(scope, Kind::kImages, key, *value);
    }
  }

  void take_list(const MapScope& outer, const std::string& key, const chart::Value& list) {
    const MapScope scope = inner(outer, Kind::kOther, key, list);
    const bool is_of_images = is_images_key(key);
    for (std::size_t i = 0; i < list.items().size(); ++i) {
      const chart::Value& item = *list.items()[i];
      const std::string place = std::to_string(i);
      if (item.is_map())
        walk(inner(scope, Kind::kOther, place, item), Kind::kOther);
      else if (item.is_list())
        take_list(scope, place, item);
      else if (is_of_images)
        take_of_images(inner(scope, Kind::kImages, place, item), place, item);
      else
        take_strong_reference(scope, place, item);
    }
  }

  MapScope inner(const MapScope& outer, Kind kind, const std::string& key,
                 const chart::Value& value) const {
    if (outer.path.size() == kMaxDepth)
      throw Error(ErrorKind::kParse, fmt::format("{}: values are nested more than {} deep",
                                                 value.origin().str(), kMaxDepth));
    MapScope scope{.chart = chart_,
                   .map = value,
                   .path = outer.path,
                   .optional = outer.optional,
                   .registries = outer.registries,
                   .tags = outer.tags,
                   .is_artifact = outer.is_artifact || says_artifact(key)};
    scope.path.push_back(key);
    if (scope.optional.empty()) scope.optional = why_off(value, scope.path);
    hand_down(outer, kind, scope);
    return scope;
  }

  // What `outer` has for the images in it.
  static void hand_down(const MapScope& outer, Kind kind, MapScope& scope) {
    const Part registry =
        outer.first_of({"registry", "imageRegistry", "image_registry", "baseRepo", "imageBase"});
    const bool is_host = registry.text.find_first_of(".:") != std::string::npos;
    if (is_host) put_first(scope.registries, registry);
    const bool is_of_images =
        kind == Kind::kImages || (!outer.path.empty() && says_image(outer.path.back()));
    const Part tag = is_of_images ? outer.first_of({"tag", "version", "imageTag"}) : Part{};
    if (!tag.empty()) put_first(scope.tags, tag);
  }

  static void put_first(std::vector<Part>& parts, const Part& part) {
    parts.insert(parts.begin(), part);
    if (parts.size() > kMaxHandedDown) parts.pop_back();
  }

  const ChartScope& chart_;
};

void report_missing(const ChartScope& scope) {
  for (const chart::MissingDependency& missing : scope.chart.missing) {
    const chart::Dependency& dependency = missing.dependency;
    std::string message =
        fmt::format("the subchart '{}' {} is not in charts/", dependency.name, dependency.version);
    if (!missing.found.empty()) message += fmt::format(", which has {}", missing.found);
    message += missing.is_wanted ? "; 'helm dependency build' fetches it" : "; it is not used";
    const bool is_needed = missing.is_wanted && scope.disabled.empty();
    scope.result.report.push_back({.code = "subchart-missing",
                                   .severity = is_needed ? Severity::kError : Severity::kNote,
                                   .chart = scope.place(),
                                   .path = dependency.key(),
                                   .message = std::move(message)});
  }
}

// What lies there is what is used; the lock says what was meant.
void report_other_versions(const ChartScope& scope) {
  const std::vector<chart::ChartPtr>& charts = scope.chart.chart->charts;
  for (const chart::LockedDependency& locked : scope.chart.chart->locked) {
    const auto found = std::find_if(charts.begin(), charts.end(), [&](const chart::ChartPtr& one) {
      return one->metadata.name == locked.name;
    });
    if (found == charts.end() || (*found)->metadata.version == locked.version) continue;
    scope.result.report.push_back(
        report_item("subchart-version", {.chart = scope.place(), .path = locked.name},
                    fmt::format("charts/ has '{}' {}, the lock says {}", locked.name,
                                (*found)->metadata.version, locked.version)));
  }
}

// The templates supply all of it then.
void report_empty_root(const ChartScope& scope) {
  const chart::Value* image = scope.values->find("image");
  if (image == nullptr || !has_image_parts(*image) || !names_no_image(*image)) return;
  const auto is_own = [&](const auto& found) {
    return found.chart == scope.place() && found.optional == scope.disabled;
  };
  const Discovery& result = scope.result;
  if (std::any_of(result.images.begin(), result.images.end(), is_own) ||
      std::any_of(result.unresolved.begin(), result.unresolved.end(), is_own))
    return;
  ValuePath path = scope.prefix;
  path.emplace_back("image");
  scope.result.report.push_back(
      {.code = "root-image-empty",
       .severity = Severity::kWarning,
       .chart = scope.place(),
       .path = path_text(path),
       .message = "the chart's own image is empty: its templates say which"});
}

// A mirror has to have them, and no value can say where.
void report_template_images(const ChartScope& scope) {
  std::set<std::string> worked_out;
  for (const FoundImage& image : scope.result.images)
    if (image.chart == scope.place()) worked_out.insert(image.where);
  for (const TemplateImage& image : find_template_images(*scope.chart.chart)) {
    if (worked_out.contains(image.where)) continue;
    const char* what = image.is_complete() ? "the templates name it themselves"
                                           : "a part of its name stands in the templates";
    scope.result.report.push_back(
        report_item("image-in-templates",
                    {.chart = scope.place(), .path = image.where, .image = printable(image.text)},
                    fmt::format("{}, whether it is used or not is not known", what)));
  }
}

struct Parent {
  const chart::Value* global = nullptr;
  std::string app_version = {};
  std::string disabled = {};
};

void scan_chart(const chart::ConfiguredChart& chart, const ValuePath& prefix, const Parent& parent,
                Discovery& result) {
  const std::string& own = chart.chart->metadata.app_version;
  ChartScope scope{.chart = chart,
                   .values = nullptr,
                   .prefix = prefix,
                   .root = nullptr,
                   .root_path = prefix,
                   .app_version = own.empty() ? parent.app_version : own,
                   .has_own_app_version = !own.empty(),
                   .disabled = parent.disabled.empty() ? chart.disabled : parent.disabled,
                   .facts = TemplateFacts(*chart.chart),
                   .version = {},
                   .result = result};
  find_root(scope);
  scope.version = find_used_version(scope);
  Walker(scope).run(*values_to_walk(scope, parent.global));
  take_composed_images(scope);
  report_empty_root(scope);
  report_missing(scope);
  report_other_versions(scope);
  if (scope.disabled.empty()) report_template_images(scope);
  const Parent here{chart.values->find("global"), scope.app_version, scope.disabled};
  for (const chart::ConfiguredChart& subchart : chart.subcharts) {
    ValuePath inner = prefix;
    inner.push_back(subchart.name);
    scan_chart(subchart, inner, here, result);
  }
}

}  // namespace

Discovery scan_values(const chart::ConfiguredChart& chart) {
  Discovery result;
  scan_chart(chart, {}, {}, result);
  return result;
}

}  // namespace tote::bundle::discover
