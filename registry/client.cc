#include "registry/client.h"

#include "base/error.h"
#include "base/mutex.h"
#include "base/text.h"
#include "registry/client_transport.h"
#include "transport/limited_transport.h"

#include <algorithm>

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
      keychain_by_name_({.by_name_only = true, .say = options.keychain.say}, options.environment),
      settings_{.insecure = options.insecure,
                .retry = options.retry,
                .between_requests = options.between_requests,
                .first_requests = options.first_requests,
                .most_requests = options.most_requests,
                .chunk_size = options.chunk_size,
                .headers = options.headers,
                .journal = &journal_,
                .imgpkg_words = options.imgpkg_words},
      host_options_(options.hosts),
      mirrors_(options.mirrors),
      on_mirror_(options.on_mirror),
      clock_(clock) {}

HostSettings Client::settings_of(const std::string& registry) const {
  HostSettings settings = settings_;
  const auto own = host_options_.find(to_lower(registry));
  if (own == host_options_.end()) return settings;
  settings.insecure = own->second.insecure;
  settings.retry.max_attempts = own->second.max_attempts;
  settings.between_requests = own->second.between_requests;
  settings.chunk_size = own->second.chunk_size;
  settings.headers = own->second.headers;
  return settings;
}

RemoteRepository& Client::repository(const oci::Repository& name) {
  const Lock lock(mutex_);
  std::unique_ptr<RemoteRepository>& repository = repositories_[name];
  if (!repository) repository = std::make_unique<RemoteRepository>(host_of(name.registry), name);
  return *repository;
}

// Who is not named by the user gets nothing that is for those who are, and is not waited for long:
// there are others.
HostSettings Client::settings_of(const PullPlace& place) const {
  const std::string& registry = place.repository.registry;
  HostSettings settings = settings_of(registry);
  settings.tries_plain_http = place.is_insecure;
  settings.shows_certificate = false;
  if (!host_options_.contains(to_lower(registry))) settings.headers.clear();
  if (place.is_mirror) settings.retry.max_attempts = std::min(settings.retry.max_attempts, 2);
  return settings;
}

RemoteRepository& Client::repository_at(const PullPlace& place) {
  const Lock lock(mutex_);
  const std::string& registry = place.repository.registry;
  std::unique_ptr<Host>& host = places_[{registry, place.is_insecure}];
  if (!host)
    host =
        std::make_unique<Host>(registry, settings_of(place), transport_, keychain_by_name_, clock_);
  std::unique_ptr<RemoteRepository>& repository =
      repositories_at_places_[{place.repository, place.is_insecure}];
  if (!repository) repository = std::make_unique<RemoteRepository>(*host, place.repository);
  return *repository;
}

oci::ImageReader& Client::source(const oci::Repository& name) {
  if (mirrors_.empty()) return repository(name);
  std::vector<MirroredRepository::Place> places;
  for (const PullPlace& place : mirrors_.places_of(name)) {
    const bool is_named = !place.is_mirror && !place.is_insecure && place.repository == name;
    places.push_back(
        {is_named ? &repository(name) : &repository_at(place), place.serves, place.is_mirror});
  }
  if (places.size() == 1) return *places.front().repository;
  const Lock lock(mutex_);
  std::unique_ptr<MirroredRepository>& source = sources_[name];
  if (!source) source = std::make_unique<MirroredRepository>(name, places, on_mirror_);
  return *source;
}

Host& Client::host(const std::string& registry) {
  const Lock lock(mutex_);
  return host_of(registry);
}

Host& Client::host_of(const std::string& registry) {
  std::unique_ptr<Host>& host = hosts_[registry];
  if (!host)
    host = std::make_unique<Host>(registry, settings_of(registry), transport_, keychain_, clock_);
  return *host;
}

WebFiles Client::web() {
  return {transport_, keychain_, settings_.retry, clock_, settings_.insecure};
}

std::size_t Client::allowed_requests() {
  const Lock lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [name, host] : hosts_) sum += std::min(host->allowed_requests(), kNoLimit - sum);
  for (const auto& [name, host] : places_)
    sum += std::min(host->allowed_requests(), kNoLimit - sum);
  return std::max(sum, settings_.first_requests);
}

}  // namespace tote::registry
