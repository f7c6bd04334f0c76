#include "bundle/discover/tag_sources.h"

#include "bundle/discover/key_words.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace tote::bundle::discover {
namespace {

TagChoice written(const Part& part) {
  return {.candidates = {part.text}, .place = part.path};
}

TagChoice missing(std::string code, std::string problem) {
  return {.code = std::move(code), .problem = std::move(problem)};
}

// What templates put behind the ":" of this very text.
std::optional<TagChoice> from_templates(const ChartScope& chart, const ValuePath& repository) {
  for (const std::string& path : chart.facts.tags_of(written_path(chart, repository))) {
    const Part part = part_at(chart, path);
    if (part.empty() || is_template(part.text)) continue;
    TagChoice choice = written(part);
    choice.is_of_templates = true;
    return choice;
  }
  return std::nullopt;
}

// Keys that are there for this and nothing else.
std::optional<TagChoice> from_known_keys(const ChartScope& chart) {
  for (const char* path : {"global.image.tag", "global.imageTag", "global.image.version",
                           "defaultImageTag", "imageTag"}) {
    const Part part = chart.part(path);
    if (!part.empty() && !is_template(part.text)) return written(part);
  }
  return std::nullopt;
}

bool ends_in_version(std::string_view key) {
  const std::vector<std::string> words = words_of(key);
  return !words.empty() &&
         (words.back() == "version" || words.back() == "tag" || words.back() == "release");
}

// "a.b." of what is around the root.
std::string above_root(const ChartScope& chart) {
  std::string text;
  for (std::size_t i = chart.prefix.size(); i < chart.root_path.size(); ++i)
    text += chart.root_path[i] + ".";
  return text;
}

Part find_among(const ChartScope& chart, const chart::Value& map, const std::string& above,
                const std::string& written_above) {
  for (const auto& [key, value] : map.members()) {
    // One that says image is that of this image.
    if (!value->is_scalar() || !ends_in_version(key) || says_image(key)) continue;
    Part part = chart.part(above + key);
    if (!part.empty() && !is_template(part.text) && chart.facts.image_uses(written_above + key))
      return part;
  }
  return {};
}

std::vector<std::string> with_and_without_v(const ChartScope& chart) {
  const std::string& app = chart.app_version;
  if (app.starts_with('v')) return {app, app.substr(1)};
  if (chart.facts.has_v_prefix()) return {"v" + app, app};
  return {app, "v" + app};
}

// kubectl has to fit the cluster.
bool is_of_kubernetes(const MapScope& scope, const std::string& name) {
  for (const char* key : {"tag", "version", "imageTag"})
    if (scope.chart.facts.kube_version_for(scope.template_path(key))) return true;
  const std::size_t slash = name.rfind('/');
  return name.substr(slash + 1) == "kubectl";  // npos + 1 is 0
}

TagChoice from_app_version(const ChartScope& chart) {
  if (chart.app_version.empty())
    return missing("no-tag", "there is neither a tag nor a version of the app");
  return {.candidates = with_and_without_v(chart),
          .certainty = chart.has_own_app_version ? Certainty::kMedium : Certainty::kLow};
}

}  // namespace

TagChoice choose_tag_elsewhere(const MapScope& scope, const std::string& name,
                               const ImageParts& parts) {
  const ChartScope& chart = scope.chart;
  if (auto choice = from_templates(chart, parts.repository.path)) return *choice;
  for (const Part& part : scope.tags)
    if (!part.empty() && !is_template(part.text)) return written(part);
  if (auto choice = from_known_keys(chart)) return *choice;
  if (is_of_kubernetes(scope, name))
    return missing("kubernetes-version", "the tag is the version of the cluster");
  if (!chart.version.empty()) return written(chart.version);
  if (!parts.wants_app_version) return missing("no-tag", "there is no tag");
  return from_app_version(chart);
}

Part find_used_version(const ChartScope& chart) {
  Part part = find_among(chart, *chart.root, "", above_root(chart));
  const chart::Value* global = chart.values->find("global");
  return part.empty() && global != nullptr ? find_among(chart, *global, "global.", "global.")
                                           : part;
}

}  // namespace tote::bundle::discover
