#include "registry/auth/scope.h"

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

// "repository:a/b:pull,push" is resource "repository:a/b" and actions "pull" and "push".
struct Parts {
  explicit Parts(std::string_view scope)
      : resource(scope.substr(0, scope.rfind(':'))),
        actions(resource.size() == scope.size() ? std::vector<std::string>()
                                                : split(scope.substr(resource.size() + 1), ',')) {}

  bool allows(const Parts& other) const {
    return resource == other.resource &&
           std::all_of(other.actions.begin(), other.actions.end(), [this](const auto& action) {
             return std::find(actions.begin(), actions.end(), action) != actions.end();
           });
  }

  std::string_view resource;
  std::vector<std::string> actions;
};

}  // namespace

Scopes parse_scopes(std::string_view list) {
  Scopes scopes;
  for (std::string& scope : split(list, ' '))
    if (is_scope(scope) && scopes.size() < kMaxScopes) scopes.push_back(std::move(scope));
  return scopes;
}

bool cover(const Scopes& scopes, std::string_view wanted) {
  const Parts parts(wanted);
  return std::any_of(scopes.begin(), scopes.end(),
                     [&](const std::string& scope) { return Parts(scope).allows(parts); });
}

std::string join(const Scopes& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

}  // namespace tote::registry
