#include "bundle/discover/chart_file.h"

#include "base/yaml_writer.h"
#include "bundle/discover/value_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kKind = "ChartImages";

Evidence read_source(const Yaml& node, const std::string& text) {
  for (int i = 0; !name_of(static_cast<Evidence>(i)).empty(); ++i)
    if (name_of(static_cast<Evidence>(i)) == text) return static_cast<Evidence>(i);
  refuse(node, fmt::format("unknown source '{}'", text));
}

ChartName read_chart(const Yaml& node) {
  StrictMap map(node);
  ChartName chart{.name = map.required_text("name"),
                  .version = map.text("version"),
                  .app_version = map.text("appVersion"),
                  .checks_images = map.is_true("checksImages")};
  map.finish();
  return chart;
}

ChartImage read_image(const Yaml& node) {
  StrictMap map(node);
  ChartImage image{.id = map.required_text("id"),
                   .place = take_place(map),
                   .is_optional = map.is_true("optional"),
                   .source = read_source(node, map.required_text("source"))};
  if (!ImageName::parse(image.id))
    refuse(node, fmt::format("'{}' is no name of an image", image.id));
  map.finish();
  return image;
}

ChartList read_list(const Yaml& node) {
  StrictMap map(node);
  ChartList list{.chart = map.text("chart")};
  const std::string path = map.required_text("path");
  std::optional<ValuePath> parsed = parse_path(path);
  if (!parsed) refuse(node, fmt::format("'{}' is no path among values", path));
  list.path = std::move(*parsed);
  list.items = map.required_text("items");
  map.finish();
  return list;
}

UnresolvedPlace read_unresolved(const Yaml& node) {
  StrictMap map(node);
  UnresolvedPlace place{.chart = map.text("chart")};
  const std::string path = map.text("path");
  if (!path.empty()) {
    std::optional<ValuePath> parsed = parse_path(path);
    if (!parsed) refuse(node, fmt::format("'{}' is no path among values", path));
    place.path = std::move(*parsed);
  }
  place.reason = map.required_text("reason");
  map.finish();
  return place;
}

std::string as_item(std::string lines) {
  lines[0] = '-';
  return lines;
}

std::string chart_lines(const ChartName& chart) {
  std::string lines;
  if (!chart.app_version.empty()) lines += yaml_field("appVersion", chart.app_version, 2);
  if (chart.checks_images) lines += "  checksImages: true\n";
  lines += yaml_field("name", chart.name, 2);
  if (!chart.version.empty()) lines += yaml_field("version", chart.version, 2);
  return as_item(lines);
}

std::string image_lines(const ChartImage& image) {
  return as_item(yaml_field("id", image.id, 2) + place_lines(image.place, 2) +
                 (image.is_optional ? "  optional: true\n" : "") +
                 yaml_field("source", std::string(name_of(image.source)), 2));
}

std::string secret_lines(const PullSecretPlace& place) {
  const std::string chart = place.chart.empty() ? "" : yaml_field("chart", place.chart, 2);
  return as_item(chart + yaml_field("form", std::string(name_of(place.form)), 2) +
                 yaml_field("path", path_text(place.path), 2));
}

std::string list_lines(const ChartList& list) {
  const std::string chart = list.chart.empty() ? "" : yaml_field("chart", list.chart, 2);
  return as_item(chart + yaml_field("items", list.items, 2) +
                 yaml_field("path", path_text(list.path), 2));
}

std::string unresolved_lines(const UnresolvedPlace& place) {
  std::string lines;
  if (!place.chart.empty()) lines += yaml_field("chart", place.chart, 2);
  if (!place.path.empty()) lines += yaml_field("path", path_text(place.path), 2);
  return as_item(lines + yaml_field("reason", place.reason, 2));
}

std::string text_line(const std::string& text) {
  return "- " + yaml_scalar(text, 2, 0) + "\n";
}

template <class Item, class Lines>
std::string lines_of(const char* key, std::vector<Item> items, const Lines& lines) {
  if (items.empty()) return {};
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::string text = std::string(key) + ":\n";
  for (const Item& item : items) text += lines(item);
  return text;
}

}  // namespace

ChartFile ChartFile::parse(std::string_view text, std::string_view origin) {
  StrictMap map(Yaml::parse(text, origin));
  map.take_head(kKind);
  ChartFile file;
  for (const Yaml& item : map.items("charts")) file.charts.push_back(read_chart(item));
  for (const Yaml& item : map.items("images")) file.images.push_back(read_image(item));
  for (const Yaml& item : map.items("pullSecrets"))
    file.pull_secrets.push_back(read_pull_secret(item));
  for (const Yaml& item : map.items("lists")) file.lists.push_back(read_list(item));
  for (const Yaml& item : map.items("ignored")) file.ignored.push_back(item.text());
  for (const Yaml& item : map.items("unresolved")) file.unresolved.push_back(read_unresolved(item));
  map.finish();
  return file;
}

std::string ChartFile::encode() const {
  return "---\n" + lines_of("charts", charts, chart_lines) +
         lines_of("ignored", ignored, text_line) + lines_of("images", images, image_lines) +
         fmt::format("kind: {}\n", kKind) + lines_of("lists", lists, list_lines) +
         lines_of("pullSecrets", pull_secrets, secret_lines) +
         lines_of("unresolved", unresolved, unresolved_lines) + "version: 1\n";
}

}  // namespace tote::bundle::discover
