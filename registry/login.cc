#include "registry/login.h"

#include "registry/client_transport.h"

#include <atomic>
#include <utility>

namespace tote::registry {
namespace {

// Notices that credentials are sent, to the registry or to a token service.
class NotingTransport final : public transport::Transport {
 public:
  explicit NotingTransport(transport::Transport& inner) : inner_(inner) {}

  std::unique_ptr<transport::Reply> open(const transport::Request& request,
                                         std::stop_token stop) override {
    for (const auto& [name, value] : request.headers)
      if (name == "Authorization") has_sent_ = true;
    return inner_.open(request, std::move(stop));
  }
  bool has_sent() const { return has_sent_; }

 private:
  transport::Transport& inner_;
  std::atomic<bool> has_sent_ = false;
};

// In which the keychain finds nothing else.
Environment environment_of(const std::string& registry, const Credentials& who) {
  return {{"IMGPKG_REGISTRY_HOSTNAME", registry},
          {"IMGPKG_REGISTRY_USERNAME", who.username},
          {"IMGPKG_REGISTRY_PASSWORD", who.password},
          {"IMGPKG_REGISTRY_IDENTITY_TOKEN", who.identity_token}};
}

}  // namespace

bool check_login(const ClientOptions& options, const std::string& registry, const Credentials& who,
                 std::stop_token stop) {
  const auto transport = make_transport(options);
  NotingTransport noting(*transport);
  transport::RedirectingTransport redirecting(noting);
  const Keychain keychain({}, environment_of(registry, who));
  Host host(registry, {.insecure = options.insecure, .retry = options.retry}, redirecting, keychain,
            system_clock());
  host.send({.url = "/v2/"}, {.repository = {}, .access = Access::kIdentity}, std::move(stop));
  return noting.has_sent();
}

}  // namespace tote::registry
