// A registry with all that its options ask for, from storage to server.
#pragma once

#include "base/log.h"
#include "cmd/child_environment.h"
#include "cmd/serve_options.h"
#include "cmd/snapshot.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/ops/metrics.h"
#include "testregistry/ops/probes.h"
#include "testregistry/storage/preload.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::cmd {

// Answers requests when the constructor returns. Throws Error of any kind that its options can
// bring about.
class ServedRegistry {
 public:
  // `least`: what the log does not pass over.
  ServedRegistry(const ServeOptions& options, LogLevel least);

  const ReadyRegistry& ready() const { return ready_; }
  // Until a stop, with what has to be done meanwhile.
  void wait(const std::stop_token& stop);
  // Thread-safe.
  void reload_tls();
  // Answers what is in flight; then nothing more changes.
  void stop();
  // What was pushed since the start, after stop().
  Snapshot write_snapshot(const std::stop_token& stop);

 private:
  void open_storage();
  void load(const std::string& item);
  void set_quotas();
  testregistry::AccessRules rules() const;
  testregistry::AccessOptions access_options() const;
  void make_users();
  void make_handlers();
  testregistry::ServerTls read_tls() const;
  std::optional<std::string> client_ca() const;
  void set_tls(testregistry::ServerOptions& server);
  void start();
  void start_metrics();
  std::string metrics_text() const;
  void collect(const std::stop_token& stop);

  ServeOptions options_;
  Log log_;  // outlives whoever writes to it
  // The same as a function.
  std::function<void(std::string_view)> log_error_;
  ReadyRegistry ready_;
  testregistry::Quotas quotas_;
  std::unique_ptr<testregistry::Storage> storage_;
  testregistry::PutBlob put_blob_;
  Inventory before_;
  testregistry::ServerTls made_tls_;  // on the spot
  testregistry::Metrics metrics_;
  std::atomic<const testregistry::Server*> serving_ = nullptr;  // for those who ask while it ends
  std::optional<testregistry::Users> users_;
  std::unique_ptr<testregistry::RegistryHandler> registry_;
  std::unique_ptr<testregistry::Access> access_;
  std::unique_ptr<testregistry::Faults> faults_;
  std::unique_ptr<testregistry::Probes> probes_;
  std::unique_ptr<testregistry::Server> server_;  // stopped before what it uses goes
  // With --metrics-listen: metrics alone, on an address of their own.
  std::unique_ptr<testregistry::Handler> nothing_;
  std::unique_ptr<testregistry::Probes> metrics_probes_;
  std::unique_ptr<testregistry::Server> metrics_server_;  // last: it asks the other
};

}  // namespace tote::cmd
