// What rules have to know about the place in which they look.
#pragma once

#include "bundle/discover/discovery.h"
#include "bundle/discover/template_facts.h"
#include "chart/configured_chart.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// A text among values, and where it stands. Of one that is not there or has no text: empty, with
// the place where it would be, if that is known.
struct Part {
  std::string text = {};
  ValuePath path = {};
  YamlType type = YamlType::kNull;
  bool is_written = false;  // the key is there, whatever it has
  std::string where = {};

  bool empty() const noexcept { return text.empty(); }
};

// One chart that is looked at.
struct ChartScope {
  const chart::ConfiguredChart& chart;
  chart::ValuePtr values;  // all of them
  ValuePath prefix;        // where they stand among those of the outermost chart
  chart::ValuePtr root;    // what rules take for the root: below a key that is around all of them
  ValuePath root_path;
  std::string app_version;  // its own, else of the chart around it
  bool has_own_app_version;
  std::string disabled;  // why nothing of it is needed
  TemplateFacts facts;
  Part version;  // at the root or under global, if templates use it for images
  Discovery& result;

  // By names with "." between them, from the root on; "global" is that of the chart.
  Part part(std::string_view path) const;
  std::string place() const { return chart.place; }
};

// One mapping in it.
struct MapScope {
  const ChartScope& chart;
  const chart::Value& map;
  ValuePath path;             // from the outermost chart on
  std::string optional = {};  // why what is in it is not needed
  // Of the mappings around it, the nearest first: what a registry and a tag may be taken from.
  std::vector<Part> registries = {};
  std::vector<Part> tags = {};
  bool is_artifact = false;  // it, or what it is in, is said to be none of images

  // A member by name. Text has no blanks around it; null, lists and mappings have none.
  Part part(std::string_view key) const;
  // The first that is there with a text, else the first that is there, else where `keys` has its
  // first.
  Part first_of(const std::vector<std::string_view>& keys) const;
  // "a.b.c" from the chart's root on, as templates write it.
  std::string template_path(std::string_view key = {}) const;
};

// A place as templates write it below .Values: without the place of the chart itself.
std::string written_path(const ChartScope& chart, const ValuePath& path);
// What stands there; nothing: empty.
Part part_at(const ChartScope& chart, std::string_view written_path);
// Why what is in a mapping is not used: "web.enabled is false"; empty: it is. `path`: its own.
std::string why_off(const chart::Value& map, const ValuePath& path);

// `value` is a scalar.
Part part_of(const chart::Value& value, ValuePath path);

}  // namespace tote::bundle::discover
