// What answers the requests of a registry: its API, and all that stands in front of it. Part of
// Registry.
#pragma once

#include "testregistry/access/access.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/ops/faults.h"
#include "testregistry/ops/probes.h"
#include "testregistry/registry_config.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tote::testregistry {

// In the order in which they are asked: what the caller puts in front, probes, faults, access, the
// API.
class HandlerChain {
 public:
  using LogLine = std::function<void(std::string_view)>;

  // `storage` and `quotas` (null: there are none) must outlive it. `metrics` gives their text;
  // null: they are not here. Throws Error of what is wrong with the file of users.
  HandlerChain(const RegistryConfig& config, Storage& storage, Quotas* quotas, const LogLine& log,
               std::function<std::string()> metrics);

  Handler& outermost() { return in_front_ ? *in_front_ : probes_; }
  void set_ready(bool ready) { probes_.set_ready(ready); }
  std::uint64_t refused_logins() const { return access_ ? access_->refused_logins() : 0; }
  const std::string& made_password() const { return made_password_; }  // of the config's made_user

 private:
  void make_users(const RegistryConfig& config, const LogLine& log);
  Handler& add_access(const RegistryConfig& config, const LogLine& log);
  Handler& add_faults(const RegistryConfig& config, Handler& inner);

  std::string made_password_;
  RegistryHandler api_;
  std::optional<Users> users_;
  std::optional<Access> access_;
  std::optional<Faults> faults_;
  Probes probes_;
  std::unique_ptr<Handler> in_front_;
};

}  // namespace tote::testregistry
