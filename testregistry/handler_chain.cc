#include "testregistry/handler_chain.h"

#include "testregistry/values/random_name.h"

#include <utility>

namespace tote::testregistry {
namespace {

RegistryHandler make_api(const RegistryConfig& config, Storage& storage, Quotas* quotas) {
  RegistryOptions allowed = config.allowed;
  allowed.quotas = quotas;
  if (config.read_only) return RegistryHandler(static_cast<StorageReader&>(storage), allowed);
  return RegistryHandler(storage, allowed);
}

}  // namespace

HandlerChain::HandlerChain(const RegistryConfig& config, Storage& storage, Quotas* quotas,
                           const LogLine& log, std::function<std::string()> metrics)
    : api_(make_api(config, storage, quotas)),
      probes_(add_faults(config, add_access(config, log)), std::move(metrics)) {
  if (config.in_front) in_front_ = config.in_front(probes_);
}

void HandlerChain::make_users(const RegistryConfig& config, const LogLine& log) {
  if (!config.htpasswd.empty()) {
    users_.emplace(config.htpasswd, log);
  } else if (!config.made_user.empty()) {
    made_password_ = random_name();
    users_.emplace(Htpasswd::single(config.made_user, made_password_));
  } else {
    users_.emplace(Htpasswd{});
  }
}

Handler& HandlerChain::add_access(const RegistryConfig& config, const LogLine& log) {
  if (!config.access) return api_;
  make_users(config, log);
  return access_.emplace(api_, *users_, *config.access);
}

Handler& HandlerChain::add_faults(const RegistryConfig& config, Handler& inner) {
  if (config.faults.empty()) return inner;
  return faults_.emplace(inner, config.faults, config.fault_seed);
}

}  // namespace tote::testregistry
