#include "bundle/discover/pull_secrets.h"

#include "bundle/discover/key_words.h"

#include <optional>

namespace tote::bundle::discover {
namespace {

std::optional<SecretForm> form_of_list(const MapScope& scope, std::string_view key,
                                       const chart::Value& value) {
  if (!value.items().empty())
    return value.items().front()->is_map() ? SecretForm::kListOfMaps : SecretForm::kListOfTexts;
  return scope.chart.facts.takes_texts(scope.template_path(key)) ? SecretForm::kListOfTexts
                                                                 : SecretForm::kListOfMaps;
}

std::optional<SecretForm> form_of(const MapScope& scope, std::string_view key,
                                  const chart::Value& value) {
  // "imagePullSecret: ~" is one name.
  if (value.is_null() && !folded(key).ends_with("secrets")) return SecretForm::kText;
  if (value.is_list() || value.is_null()) return form_of_list(scope, key, value);
  if (value.is_scalar()) return SecretForm::kText;
  const chart::Value* enabled = value.find("enabled");
  const chart::Value* name = value.find("name");
  const bool is_named =
      enabled != nullptr && !enabled->is_map() && (name == nullptr || !name->is_map());
  return is_named ? std::optional(SecretForm::kEnabledName) : std::nullopt;
}

}  // namespace

bool is_pull_secret_key(std::string_view key) {
  const std::string name = folded(key);
  return name == "imagepullsecrets" || name == "imagepullsecret" || name == "imagepullsecretname" ||
         name == "pullsecrets" || name == "pullsecret";
}

void take_pull_secret(const MapScope& scope, std::string_view key, const chart::Value& value) {
  // A boolean says whether there are any.
  if (value.is_scalar() && value.type() == YamlType::kBool) return;
  const std::optional<SecretForm> form = form_of(scope, key, value);
  if (!form) return;
  ValuePath path = scope.path;
  path.emplace_back(key);
  scope.chart.result.pull_secrets.push_back({std::move(path), *form, scope.chart.place()});
}

}  // namespace tote::bundle::discover
