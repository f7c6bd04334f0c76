#include "bundle/discover/pull_secret_values.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle::discover {
namespace {

using chart::Value;
using chart::ValuePtr;

std::string name_in(const Value& item) {
  if (!item.is_map()) return item.text();
  const Value* name = item.find("name");
  return name == nullptr ? "" : name->text();
}

ValuePtr with_names(const Value* there, const std::vector<std::string>& names, SecretForm form) {
  std::vector<ValuePtr> items;
  if (there != nullptr) items = there->items();
  for (const std::string& name : names) {
    if (std::any_of(items.begin(), items.end(),
                    [&](const ValuePtr& item) { return name_in(*item) == name; }))
      continue;
    const ValuePtr text = Value::scalar(name, YamlType::kText);
    items.push_back(form == SecretForm::kListOfMaps ? Value::map({{"name", text}}) : text);
  }
  return Value::list(std::move(items));
}

const std::string& only_name(const PullSecretPlace& place, const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  throw Error(ErrorKind::kUsage, fmt::format("'{}' takes the name of one secret, and there are {}",
                                             path_text(place.path), names.size()));
}

}  // namespace

void put_pull_secrets(OverlayTree& tree, const PullSecretPlace& place,
                      const std::vector<std::string>& names, const chart::Value* there) {
  using Style = OverlayTree::Style;
  if (names.empty()) return;
  switch (place.form) {
    case SecretForm::kListOfMaps:
    case SecretForm::kListOfTexts:
      return tree.put_list(place.path, *with_names(there, names, place.form));
    case SecretForm::kText:
      return tree.put(place.path, only_name(place, names), Style::kQuoted);
    case SecretForm::kEnabledName: {
      const auto member = [&](const char* key) {
        ValuePath path = place.path;
        path.emplace_back(key);
        return path;
      };
      tree.put(member("enabled"), "true", Style::kRaw);
      tree.put(member("name"), only_name(place, names), Style::kQuoted);
    }
  }
}

}  // namespace tote::bundle::discover
