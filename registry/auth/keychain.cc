#include "registry/auth/keychain.h"

#include "base/error.h"
#include "base/text.h"
#include "registry/auth/docker_config.h"

namespace tote::registry {
namespace {

void set_if_empty(std::string& option, const Environment& environment, const char* variable) {
  if (option.empty()) option = environment.get(variable);
}

}  // namespace

Keychain::Keychain(KeychainOptions options, const Environment& environment)
    : options_(std::move(options)),
      environment_(environment),
      entries_(parse_registry_environment(environment)),
      clouds_(environment),
      helpers_(environment, options_.say) {
  if (options_.by_name_only) {
    options_ = {.say = options_.say};
    return;
  }
  set_if_empty(options_.username, environment, "IMGPKG_USERNAME");
  set_if_empty(options_.password, environment, "IMGPKG_PASSWORD");
  set_if_empty(options_.token, environment, "IMGPKG_TOKEN");
  if (environment.get("IMGPKG_ANON") == "true") options_.anonymous = true;
}

Credentials Keychain::find(const oci::Repository& repository, std::stop_token stop) const {
  for (const RegistryEnvEntry& entry : entries_)
    if (entry.matches(repository)) return entry.credentials;
  if (auto found = clouds_.find(repository, helpers_, stop)) return *std::move(found);
  if (!options_.username.empty())
    return {.username = options_.username, .password = options_.password};
  if (!options_.token.empty()) return {.registry_token = options_.token};
  if (options_.anonymous) return {};
  return while_doing(
      [] { return "Unable retrieve credentials for registry"; },
      [&] { return docker_credentials(environment_, repository, helpers_, std::move(stop)); });
}

}  // namespace tote::registry
