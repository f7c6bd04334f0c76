#include "registry/scope.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace tote::registry {
namespace {

constexpr std::size_t kMaxScopes = 16;
constexpr std::size_t kMaxScopeLength = 512;

bool is_scope(std::string_view text) {
  return !text.empty() && text.size() <= kMaxScopeLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// "repository:a/b:pull,push" -> {"repository:a/b", {"pull", "push"}}.
std::pair<std::string_view, std::vector<std::string>> take_apart(std::string_view scope) {
  const std::size_t colon = scope.rfind(':');
  if (colon == std::string_view::npos) return {scope, {}};
  return {scope.substr(0, colon), split(scope.substr(colon + 1), ',')};
}

}  // namespace

Scopes parse_scopes(std::string_view list) {
  Scopes scopes;
  for (std::string& scope : split(list, ' '))
    if (is_scope(scope) && scopes.size() < kMaxScopes) scopes.push_back(std::move(scope));
  return scopes;
}

bool cover(const Scopes& scopes, std::string_view wanted) {
  const auto [resource, actions] = take_apart(wanted);
  return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
    const auto [has_resource, has_actions] = take_apart(scope);
    return has_resource == resource &&
           std::all_of(actions.begin(), actions.end(), [&, &has = has_actions](const auto& action) {
             return std::find(has.begin(), has.end(), action) != has.end();
           });
  });
}

std::string join(const Scopes& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

}  // namespace tote::registry
