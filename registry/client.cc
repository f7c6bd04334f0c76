#include "registry/client.h"

#include "base/error.h"
#include "base/mutex.h"
#include "registry/client_transport.h"
#include "transport/limited_transport.h"

namespace tote::registry {
namespace {

std::unique_ptr<transport::Transport> limit(transport::Transport& inner,
                                            const ClientOptions& options, Clock& clock) {
  if (options.bytes_per_second == 0) return nullptr;
  return std::make_unique<transport::LimitedTransport>(inner, options.bytes_per_second, clock);
}

}  // namespace

Client::Client(const ClientOptions& options, Clock& clock)
    : Client(options, make_transport(options), clock) {}

Client::Client(const ClientOptions& options, std::unique_ptr<transport::Transport> transport,
               Clock& clock)
    : Client(options, *transport, clock) {
  own_transport_ = std::move(transport);
}

Client::Client(const ClientOptions& options, transport::Transport& transport, Clock& clock)
    : limited_(limit(transport, options, clock)),
      transport_(limited_ ? *limited_ : transport),
      journal_(options.uploads, options.on_no_journal),
      keychain_(options.keychain, options.environment),
      settings_{.insecure = options.insecure,
                .retry = options.retry,
                .between_requests = options.between_requests,
                .first_requests = options.first_requests,
                .most_requests = options.most_requests,
                .chunk_size = options.chunk_size,
                .journal = &journal_,
                .imgpkg_words = options.imgpkg_words},
      clock_(clock) {}

RemoteRepository& Client::repository(const oci::Repository& name) {
  const Lock lock(mutex_);
  std::unique_ptr<RemoteRepository>& repository = repositories_[name];
  if (!repository) repository = std::make_unique<RemoteRepository>(host_of(name.registry), name);
  return *repository;
}

Host& Client::host(const std::string& registry) {
  const Lock lock(mutex_);
  return host_of(registry);
}

Host& Client::host_of(const std::string& registry) {
  std::unique_ptr<Host>& host = hosts_[registry];
  if (!host) host = std::make_unique<Host>(registry, settings_, transport_, keychain_, clock_);
  return *host;
}

WebFiles Client::web() {
  return {transport_, keychain_, settings_.retry, clock_, settings_.insecure};
}

std::size_t Client::allowed_requests() {
  const Lock lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [name, host] : hosts_) sum += std::min(host->allowed_requests(), kNoLimit - sum);
  return std::max(sum, settings_.first_requests);
}

}  // namespace tote::registry
