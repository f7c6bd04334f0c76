#include "bundle/discover/values_scope.h"

#include "base/text.h"

#include <fmt/format.h>

namespace tote::bundle::discover {

Part part_of(const chart::Value& value, ValuePath path) {
  Part part{.path = std::move(path), .is_written = value.is_scalar() || value.is_null()};
  if (!value.is_scalar()) return part;
  part.where = value.origin().str();
  part.text = trim(value.text());
  part.type = value.type();
  return part;
}

Part ChartScope::part(std::string_view path) const {
  const bool is_global = path.starts_with("global.");
  ValuePath full = is_global ? prefix : root_path;
  for (std::string& key : split(path, '.')) full.push_back(std::move(key));
  const chart::Value* value = (is_global ? values : root)->find_path(path);
  return value == nullptr ? Part{.path = std::move(full)} : part_of(*value, std::move(full));
}

Part MapScope::part(std::string_view key) const {
  ValuePath full = path;
  full.emplace_back(key);
  const chart::Value* value = map.find(key);
  return value == nullptr ? Part{.path = std::move(full)} : part_of(*value, std::move(full));
}

Part MapScope::first_of(const std::vector<std::string_view>& keys) const {
  Part best;
  for (const std::string_view key : keys) {
    Part found = part(key);
    if (!found.empty()) return found;
    if (best.path.empty() || (found.is_written && !best.is_written)) best = std::move(found);
  }
  return best;
}

std::string MapScope::template_path(std::string_view key) const {
  std::string text = written_path(chart, path);
  if (!key.empty() && !text.empty()) text += '.';
  return text.append(key);
}

std::string written_path(const ChartScope& chart, const ValuePath& path) {
  std::string text;
  for (std::size_t i = chart.prefix.size(); i < path.size(); ++i)
    text += (text.empty() ? "" : ".") + path[i];
  return text;
}

Part part_at(const ChartScope& chart, std::string_view written_path) {
  ValuePath path = chart.prefix;
  for (std::string& key : split(written_path, '.')) path.push_back(std::move(key));
  const chart::Value* value = chart.values->find_path(written_path);
  return value == nullptr ? Part{.path = std::move(path)} : part_of(*value, std::move(path));
}

std::string why_off(const chart::Value& map, const ValuePath& path) {
  for (const auto& [key, off] : {std::pair("enabled", false), std::pair("enable", false),
                                 std::pair("install", false), std::pair("disabled", true)}) {
    const chart::Value* value = map.find(key);
    if (value == nullptr || !value->is(off)) continue;
    ValuePath switched = path;
    switched.emplace_back(key);
    return fmt::format("{} is {}", path_text(switched), off);
  }
  return "";
}

}  // namespace tote::bundle::discover
