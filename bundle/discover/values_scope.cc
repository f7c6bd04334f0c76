#include "bundle/discover/values_scope.h"

#include "base/text.h"

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
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += '.';
    text += part;
  };
  for (std::size_t i = chart.prefix.size(); i < path.size(); ++i) add(path[i]);
  if (!key.empty()) add(key);
  return text;
}

}  // namespace tote::bundle::discover
