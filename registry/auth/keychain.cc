#include "registry/auth/keychain.h"

#include "base/error.h"
#include "base/text.h"
#include "registry/auth/docker_config.h"

namespace tote::registry {
namespace {

std::string option_or_variable(std::string option, const char* variable) {
  return option.empty() ? environment(variable) : std::move(option);
}

}  // namespace

Keychain::Keychain(KeychainOptions options)
    : options_(std::move(options)),
      environment_(read_registry_environment()),
      clouds_(environment("IMGPKG_ACTIVE_KEYCHAINS"), environment("IMGPKG_ENABLE_IAAS_AUTH")),
      helpers_(options_.say) {
  options_.username = option_or_variable(options_.username, "IMGPKG_USERNAME");
  options_.password = option_or_variable(options_.password, "IMGPKG_PASSWORD");
  options_.token = option_or_variable(options_.token, "IMGPKG_TOKEN");
  if (environment("IMGPKG_ANON") == "true") options_.anonymous = true;
}

Credentials Keychain::find(const oci::Repository& repository, std::stop_token stop) const {
  for (const RegistryEnvEntry& entry : environment_)
    if (entry.matches(repository)) return entry.credentials;
  if (auto found = clouds_.find(repository, helpers_, stop)) return *std::move(found);
  if (!options_.username.empty())
    return {.username = options_.username, .password = options_.password};
  if (!options_.token.empty()) return {.registry_token = options_.token};
  if (options_.anonymous) return {};
  return while_doing([] { return "Unable retrieve credentials for registry"; },
                     [&] { return docker_credentials(repository, helpers_, std::move(stop)); });
}

}  // namespace tote::registry
