#include "base/json_writer.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/process.h"
#include "base/temporary_file.h"
#include "cmd/child_environment.h"
#include "cmd/cli/signal_watch.h"
#include "cmd/commands.h"
#include "cmd/serve_options.h"
#include "testregistry/registry.h"
#include "testregistry/snapshot.h"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <sys/resource.h>
#include <thread>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

constexpr std::size_t kSnapshotThreads = 4;  // one disk is read and written

// A registry with many clients has many descriptors, one whose blobs lie in a layout too.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// {"address":...,"url":...} and, where there are such, every address, that of the metrics, the CA's
// file, the user and the password.
std::string ready_line(const tr::ReadyRegistry& ready) {
  JsonWriter json;
  json.begin_object().member("address", ready.address).member("url", ready.url);
  if (ready.addresses.size() > 1) json.member("addresses", ready.addresses);
  return json.member_unless_empty("metrics", ready.metrics_address)
             .member_unless_empty("ca", ready.ca_path)
             .member_unless_empty("user", ready.user)
             .member_unless_empty("password", ready.password)
             .end_object()
             .take() +
         "\n";
}

// Of the child, or by a signal.
void wait_for_end(tr::Registry& registry, CommandContext& context) {
  if (context.child_command.empty()) return registry.keep_up(context.stop);
  const ChildEnvironment environment(registry.ready(), context.environment);
  const std::jthread background([&](const std::stop_token& stop) { registry.keep_up(stop); });
  context.child_status =
      run_in_front(context.child_command, context.environment, environment.changes(), context.stop);
}

// What could not be written makes the registry fail, but not the command beside it succeed.
void write_snapshot(tr::Registry& registry, const tr::Inventory& before,
                    const std::filesystem::path& path, CommandContext& context) {
  ThreadPool pool(kSnapshotThreads);
  const tr::Snapshot snapshot =
      tr::write_snapshot(registry.storage(), before, registry.ready().address, path, pool, {});
  for (const std::string& line : snapshot.left_out)
    context.ui.notice("left out of the snapshot: " + line);
  if (!snapshot.left_out.empty() && context.child_status == 0)
    context.exit_code = ExitCode::kFailed;
  if (snapshot.images == 0 && snapshot.left_out.empty())
    context.ui.notice("Nothing was pushed, so there is no snapshot");
}

// The registry that a signal is for, as long as it can be told anything.
class Told {
 public:
  void reload() {
    const Lock lock(mutex_);
    if (registry_ != nullptr) registry_->reload_tls();
  }
  void forget() { set(nullptr); }

  class While {
   public:
    While(Told& told, tr::Registry& registry) : told_(told) { told_.set(&registry); }
    While(const While&) = delete;
    While& operator=(const While&) = delete;
    ~While() { told_.forget(); }

   private:
    Told& told_;
  };

 private:
  void set(tr::Registry* registry) {
    const Lock lock(mutex_);
    registry_ = registry;
  }

  Mutex mutex_;
  tr::Registry* registry_ TOTE_GUARDED_BY(mutex_) = nullptr;
};

// Nobody may read where the last one was.
void forget_ready_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove(path, ignored);
}

void run(const ServeOptions& options, CommandContext& context) {
  allow_many_descriptors();
  Told told;
  const SignalWatch on_hangup(SIGHUP, [&] { told.reload(); });
  const LogLevel least =
      options.least_level(context.child_command.empty() ? LogLevel::kInfo : LogLevel::kWarning);
  Log log({.format = options.log_format(), .least = least});
  tr::Registry registry(options.registry_config(log));
  tr::Inventory before;
  if (!options.snapshot.empty()) before = tr::take_inventory(registry.storage());
  const std::string line = ready_line(registry.start());
  const Told::While while_serving(told, registry);
  if (!options.ready_file.empty()) replace_file(options.ready_file, line);
  if (context.child_command.empty()) context.ui.now(line);
  wait_for_end(registry, context);
  told.forget();
  registry.stop();
  if (!options.snapshot.empty()) write_snapshot(registry, before, options.snapshot, context);
}

}  // namespace

Command registry_serve_command() {
  Command command;
  command.name = "serve";
  command.summary =
      "Serve a registry until interrupted, or as long as the command behind -- runs; prints one "
      "line of JSON with its address when ready";
  command.examples =
      "  # A registry in memory on any free port\n"
      "  tote registry serve --listen 127.0.0.1:0\n\n"
      "  # One that keeps what it has\n"
      "  tote registry serve --listen 0.0.0.0:5000 --dir /var/lib/tote --sync\n\n"
      "  # One for the tests, with TLS and a password\n"
      "  tote registry serve --listen 127.0.0.1:0 --secure -- make test\n\n"
      "  # An OCI image layout, which other tools read and write as well\n"
      "  tote registry serve --layout layout\n\n"
      "  # What is in two archives, without unpacking them\n"
      "  tote registry serve --preload a.tar --preload b.tar --read-only";
  command.takes_child_command = true;
  command.is_own = true;
  command.json = "registry serve";
  command.exit_codes = {{ExitCode::kFailed, "also if something could not be put into --snapshot"}};
  auto options = std::make_shared<ServeOptions>();
  options->add_to(command.flags);
  command.prepare = [options](CommandContext&) { forget_ready_file(options->ready_file); };
  command.run = [options](CommandContext& context) { run(*options, context); };
  return command;
}

}  // namespace tote::cmd
