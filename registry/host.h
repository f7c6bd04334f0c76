// One registry: how it is reached, how we authenticate there, what is tried again. The layer
// between single HTTP exchanges and the registry protocol.
#pragma once

#include "base/clock.h"
#include "base/once_map.h"
#include "base/retry.h"
#include "oci/reference.h"
#include "registry/auth/authenticator.h"
#include "registry/auth/keychain.h"
#include "registry/registry_error.h"
#include "transport/http.h"

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

enum class Access { kPull, kPush };

// A request to the registry itself; `target` is a path ("/v2/...") or a URL that it gave us.
struct RegistryRequest {
  std::string method = "GET";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  Source* body_source = nullptr;  // such a request is not repeated here: its sender resumes it
  std::uint64_t body_source_size = 0;
  std::vector<int> accept = {200};  // any other status is a RegistryError
  Access access = Access::kPull;
  // To be read in the same step (a mount): a repository path on this registry, or empty.
  std::string also_pull = {};
};

struct HostSettings {
  bool insecure = false;  // plain HTTP may be tried with any host
  RetryPolicy retry = {};
  bool imgpkg_words = false;  // errors word by word as imgpkg's
};

// Thread-safe. The transport, keychain and clock must outlive it.
class Host {
 public:
  Host(std::string registry, const HostSettings& settings, transport::Transport& transport,
       const Keychain& keychain, Clock& clock);

  const std::string& registry() const noexcept { return registry_; }
  const RetryPolicy& retry_policy() const noexcept { return settings_.retry; }
  Clock& clock() const noexcept { return clock_; }

  // Sends with authorization for `repository` (a path on this registry); repeats what failed in
  // passing, if it has no body source. Throws RegistryError, Error{kTransport}, Cancelled.
  std::unique_ptr<transport::Reply> send(const RegistryRequest& request,
                                         const std::string& repository, std::stop_token stop);
  // The error of an answer that is none of those wanted.
  RegistryError refusal(const std::string& method, transport::Reply& reply) const;
  // Without any authorization, for the `urls` of a descriptor that lead elsewhere.
  std::unique_ptr<transport::Reply> send_elsewhere(const std::string& url, std::stop_token stop);

 private:
  void probe(std::stop_token stop);
  std::unique_ptr<transport::Reply> probe_scheme(const std::string& scheme, std::stop_token stop);
  std::unique_ptr<transport::Reply> probe_both(std::stop_token stop);
  Credentials credentials(const std::string& repository, const std::stop_token& stop);
  std::unique_ptr<transport::Reply> send_once(const RegistryRequest& request,
                                              const std::string& repository, std::stop_token stop);
  bool learn(const RegistryRequest& request, const transport::Reply& refusal,
             const Credentials& who, const Scopes& scopes, const Scopes& asked,
             const std::string& authorization, int round);
  std::string authorize(transport::Request& http, const Credentials& who, const Scopes& scopes,
                        std::stop_token stop);
  transport::Request http_request(const RegistryRequest& request) const;
  void explain_refusal(Error& failure, const std::string& repository, const std::stop_token& stop);
  std::string url_of(const std::string& target) const;

  const std::string registry_;
  const HostSettings settings_;
  transport::Transport& transport_;
  const Keychain& keychain_;
  Clock& clock_;
  Authenticator authenticator_;

  std::mutex probe_mutex_;
  bool probed_ = false;   // guarded by probe_mutex_
  std::string base_url_;  // written once, under probe_mutex_, before anything reads it

  OnceMap<std::string, Credentials> credentials_;  // by repository
};

}  // namespace tote::registry
