#include "bundle/discover/value_lists.h"

#include "base/text.h"
#include "bundle/discover/overlay_tree.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace tote::bundle::discover {
namespace {

// The values of a subchart are its own: what its parent says of them, and its defaults.
std::pair<const chart::ConfiguredChart*, std::size_t> owner_of(const chart::ConfiguredChart& root,
                                                               const ValuePath& path) {
  const chart::ConfiguredChart* chart = &root;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const auto& inner = chart->subcharts;
    const auto found = std::find_if(inner.begin(), inner.end(),
                                    [&](const auto& one) { return one.name == path[depth]; });
    if (found == inner.end()) return {chart, depth};
    chart = &*found;
  }
  return {chart, path.size()};
}

// The outermost list on the way, or at its end.
std::optional<ChartList> list_on(const chart::ConfiguredChart& root, const ValuePath& path) {
  auto [owner, depth] = owner_of(root, path);
  const chart::Value* value = owner->values.get();
  while (value != nullptr && value->is_map() && depth < path.size())
    value = value->find(path[depth++]);
  if (value == nullptr || !value->is_list() || value->items().empty()) return std::nullopt;
  return ChartList{.chart = root.name,
                   .path = ValuePath(path.begin(), path.begin() + static_cast<long>(depth)),
                   .items = list_text(*value)};
}

bool asks_for_it(const chart::Chart& chart) {
  return std::any_of(chart.files.begin(), chart.files.end(), [](const auto& file) {
    return file.first.starts_with("templates/") &&
           file.second.find("allowInsecureImages") != std::string::npos;
  });
}

bool checks_images(const chart::ConfiguredChart& chart) {
  if (chart.chart->metadata.annotation("images") != nullptr || asks_for_it(*chart.chart))
    return true;
  return std::any_of(chart.subcharts.begin(), chart.subcharts.end(), checks_images);
}

std::vector<ValuePath> places_in(const Combined& combined) {
  std::vector<ValuePath> places;
  for (const CombinedImage& image : combined.chosen)
    for (const FoundImage& found : image.found)
      for (const ValuePath* path : {&found.path, &found.fields.registry, &found.fields.repository,
                                    &found.fields.tag, &found.fields.digest})
        places.push_back(*path);
  for (const PullSecretPlace& place : combined.pull_secrets) places.push_back(place.path);
  return places;
}

}  // namespace

void add_value_lists(const chart::ConfiguredChart& chart, Combined& combined) {
  std::set<ChartList> lists;
  for (const ValuePath& path : places_in(combined))
    if (std::optional<ChartList> list = list_on(chart, path)) lists.insert(std::move(*list));
  combined.lists.insert(combined.lists.end(), lists.begin(), lists.end());
  if (checks_images(chart)) combined.checking.push_back(chart.name);
}

}  // namespace tote::bundle::discover
