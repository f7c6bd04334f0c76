#include "testregistry/registry.h"

#include "archive/layout_directory.h"
#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/handler_chain.h"
#include "testregistry/http/error_response.h"
#include "testregistry/http/server.h"
#include "testregistry/ops/access_log.h"
#include "testregistry/ops/metrics.h"
#include "testregistry/server_certificate.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/layout/layout_storage.h"
#include "testregistry/storage/memory_storage.h"
#include "testregistry/storage/preload.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

namespace tote::testregistry {
namespace {

class NoSuchEndpoint final : public Handler {
 public:
  Begun begin(const RequestHead&) override {
    return error_response(404, "UNSUPPORTED", "No such endpoint");
  }
};

using LogLine = std::function<void(std::string_view)>;
using MetricsText = std::function<std::string()>;

// An address where nothing but metrics can be had.
class MetricsServer {
 public:
  MetricsServer(const ListenAddress& listen, MetricsText metrics, LogLine log)
      : probes_(nothing_, std::move(metrics)),
        server_(probes_, {.listen = {listen}, .log = std::move(log)}) {}

  std::string address() const { return server_.address(); }

 private:
  NoSuchEndpoint nothing_;
  Probes probes_;
  Server server_;
};

void preload_all(const RegistryConfig& config, Storage& storage, const PutBlob& put_blob) {
  for (const PreloadedFile& file : config.preload)
    preload(storage, put_blob, file.path, file.repository);
}

std::unique_ptr<Storage> open_layouts(const RegistryConfig& config, const LogLine& log) {
  std::vector<LayoutPlace> places;
  for (const LayoutDirectory& layout : config.layouts)
    places.push_back({layout.path, layout.repository});
  return std::make_unique<LayoutStorage>(
      places, LayoutOptions{.read_only = config.read_only, .sync = config.sync, .log = log});
}

std::unique_ptr<Storage> open_storage(const RegistryConfig& config, const LogLine& log) {
  if (!config.layouts.empty()) return open_layouts(config, log);
  if (config.directory.empty()) {
    auto memory = std::make_unique<MemoryStorage>();
    preload_all(config, *memory, in_place(*memory));
    return memory;
  }
  auto directory = std::make_unique<DirectoryStorage>(
      config.directory, config.sync ? Sync::kYes : Sync::kNo, log,
      config.read_only ? Writing::kIfPossible : Writing::kAlways);
  preload_all(config, *directory, copying(*directory));
  return directory;
}

}  // namespace

class Registry::Impl {
 public:
  explicit Impl(RegistryConfig config);

  const ReadyRegistry& start();
  const ReadyRegistry& ready() const { return ready_; }
  void keep_up(const std::stop_token& stop);
  void reload_tls();
  void stop();
  Storage& storage() { return *storage_; }

 private:
  void watch_quotas();
  void start_server();
  void start_metrics_server();
  void note(const RequestRecord& record);
  std::string metrics_text() const;
  void collect(const std::stop_token& stop);
  void info(std::string_view text) const {
    if (config_.log != nullptr) config_.log->info(text);
  }
  void error(std::string_view text) const {
    if (config_.log != nullptr) config_.log->error(text);
  }

  const RegistryConfig config_;
  const LogLine log_error_ = [this](std::string_view text) { error(text); };
  ReadyRegistry ready_;
  Quotas quotas_;
  std::unique_ptr<Storage> storage_;
  Metrics metrics_;
  std::atomic<const Server*> serving_ = nullptr;  // for those who ask while it ends
  HandlerChain handlers_;
  std::optional<ServerCertificate> certificate_;
  std::unique_ptr<Server> server_;                 // stopped before what it uses goes
  std::unique_ptr<MetricsServer> metrics_server_;  // last: it asks the other
};

Registry::Impl::Impl(RegistryConfig config)
    : config_(std::move(config)),
      storage_(open_storage(config_, log_error_)),
      handlers_(
          config_, *storage_, config_.quotas.empty() ? nullptr : &quotas_, log_error_,
          config_.metrics_listen ? MetricsText() : [this] { return metrics_text(); }) {
  if (!config_.quotas.empty()) watch_quotas();
  if (config_.made_user.empty()) return;
  ready_.user = config_.made_user;
  ready_.password = handlers_.made_password();
}

void Registry::Impl::watch_quotas() {
  for (const QuotaLimit& limit : config_.quotas) quotas_.set_limit(limit.prefix, limit.bytes);
  quotas_.watch(*storage_);
}

const ReadyRegistry& Registry::Impl::start() {
  start_server();
  start_metrics_server();
  for (const std::string& address : ready_.addresses) info(fmt::format("serving on {}", address));
  return ready_;
}

void Registry::Impl::start_server() {
  ServerOptions options = config_.server;
  if (config_.tls) {
    certificate_.emplace(*config_.tls, options.listen);
    options.tls = certificate_->read();
    certificate_->write_ca();
    ready_.ca_pem = certificate_->ca_pem();
    ready_.ca_path = certificate_->ca_path();
  }
  if (!options.log) options.log = log_error_;
  if (!options.on_request)
    options.on_request = [this](const RequestRecord& record) { note(record); };
  server_ = std::make_unique<Server>(handlers_.outermost(), std::move(options));
  serving_ = server_.get();
  ready_.addresses = server_->addresses();
  ready_.address = ready_.addresses.front();
  ready_.url = server_->url();
}

void Registry::Impl::start_metrics_server() {
  if (!config_.metrics_listen) return;
  metrics_server_ = std::make_unique<MetricsServer>(
      *config_.metrics_listen, [this] { return metrics_text(); }, log_error_);
  ready_.metrics_address = metrics_server_->address();
  info(fmt::format("metrics on {}", ready_.metrics_address));
}

void Registry::Impl::note(const RequestRecord& record) {
  if (Probes::is_probe(record.target)) return;
  metrics_.count(record);
  if (config_.access_log && config_.log != nullptr)
    config_.log->line(
        access_log_line(record, *config_.access_log, std::chrono::system_clock::now()));
}

std::string Registry::Impl::metrics_text() const {
  const Server* server = serving_;
  return metrics_.text({config_.version, server != nullptr ? server->connections() : 0,
                        storage_->stored(), quotas_.uses(), handlers_.refused_logins(),
                        config_.log != nullptr ? config_.log->dropped() : 0});
}

void Registry::Impl::keep_up(const std::stop_token& stop) {
  Mutex mutex;
  Condition changed;
  Lock lock(mutex);
  while (!stop.stop_requested()) {
    if (config_.collect_every.count() == 0)
      changed.wait(lock, stop, [] { return false; });
    else if (!changed.wait_for(lock, stop, config_.collect_every, [] { return false; }) &&
             !stop.stop_requested())
      collect(stop);
  }
}

void Registry::Impl::collect(const std::stop_token& stop) {
  try {
    const Collected done = storage_->collect(config_.collect, stop);
    metrics_.count(done);
    info(fmt::format("collected {} manifests, {} blobs, {} uploads and {} repositories: {} bytes",
                     done.manifests, done.blobs, done.uploads, done.repositories, done.bytes));
  } catch (const Cancelled&) {
    // The registry stops; what was not collected can wait.
  } catch (const std::exception& failure) {
    metrics_.count_failed_collection();
    error(fmt::format("collecting garbage: {}", failure.what()));
  }
}

void Registry::Impl::reload_tls() {
  if (!certificate_) return;
  try {
    server_->reload_tls(certificate_->read());
    info("read the certificates again");
  } catch (const Error& failure) {
    error("the old certificate stays: " + failure.message());
  }
}

void Registry::Impl::stop() {
  handlers_.set_ready(false);
  info("stopping");
  server_->drain(config_.stop_within);
  if (const std::size_t left = server_->connections(); left > 0 && config_.log != nullptr)
    config_.log->warning(fmt::format("{} connections were cut: their requests took over {}s", left,
                                     std::chrono::duration<double>(config_.stop_within).count()));
  serving_ = nullptr;
  metrics_server_.reset();
  server_.reset();
  info("stopped");
}

Registry::Registry(RegistryConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Registry::~Registry() = default;

const ReadyRegistry& Registry::start() {
  return impl_->start();
}
const ReadyRegistry& Registry::ready() const {
  return impl_->ready();
}
void Registry::keep_up(const std::stop_token& stop) {
  impl_->keep_up(stop);
}
void Registry::reload_tls() {
  impl_->reload_tls();
}
void Registry::stop() {
  impl_->stop();
}
Storage& Registry::storage() {
  return impl_->storage();
}

Collected collect_garbage(const std::filesystem::path& directory, const CollectOptions& options,
                          const std::function<void(std::string_view)>& log, std::stop_token stop) {
  if (!std::filesystem::is_directory(directory / "repositories"))
    throw Error(
        ErrorKind::kUsage,
        fmt::format("'{}' is no directory that a registry keeps things in", directory.string()));
  DirectoryStorage storage(directory, Sync::kNo, log);
  return storage.collect(options, std::move(stop));
}

Collected collect_layout_garbage(const std::filesystem::path& directory,
                                 const CollectOptions& options,
                                 const std::function<void(std::string_view)>& log,
                                 std::stop_token stop) {
  return while_doing(
      [&] { return fmt::format("Collecting garbage of layout '{}'", directory.string()); },
      [&] {
        archive::expect_layout(directory);
        LayoutStorage storage({{directory, "layout"}}, {.tidy = !options.dry_run, .log = log});
        return storage.collect(options, std::move(stop));
      });
}

}  // namespace tote::testregistry
