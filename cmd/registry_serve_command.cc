#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/command.h"
#include "testregistry/directory_storage.h"
#include "testregistry/htpasswd.h"
#include "testregistry/memory_storage.h"
#include "testregistry/registry_handler.h"
#include "testregistry/server.h"

#include <fmt/format.h>

#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

constexpr std::uint64_t kMaxPem = 1U << 20U;

struct ServeOptions {
  std::string listen = "127.0.0.1:5000";
  std::string directory;
  std::string htpasswd;
  std::string tls_certificate;
  std::string tls_key;
  bool sync = false;
};

// "HOST:PORT", "[::1]:PORT", ":PORT" (every address).
void set_address(const std::string& listen, tr::ServerOptions& server) {
  const std::size_t colon = listen.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_number(listen.substr(colon + 1));
  if (!port || *port > UINT16_MAX)
    throw Error(ErrorKind::kUsage, fmt::format("Expected --listen as HOST:PORT, got '{}'", listen));
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  server.host = host.empty() ? "0.0.0.0" : host;
  server.port = static_cast<std::uint16_t>(*port);
}

void set_tls(const ServeOptions& options, tr::ServerOptions& server) {
  if (options.tls_certificate.empty() != options.tls_key.empty())
    throw Error(ErrorKind::kUsage, "Expected both --tls-cert and --tls-key, or neither");
  if (options.tls_certificate.empty()) return;
  server.tls = tr::ServerTls{read_file(options.tls_certificate, kMaxPem),
                             read_file(options.tls_key, kMaxPem)};
}

std::unique_ptr<tr::Storage> open_storage(const ServeOptions& options) {
  if (options.directory.empty()) return std::make_unique<tr::MemoryStorage>();
  return std::make_unique<tr::DirectoryStorage>(options.directory,
                                                options.sync ? tr::Sync::kYes : tr::Sync::kNo);
}

void wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

void run(const ServeOptions& options, CommandContext& context) {
  tr::ServerOptions settings;
  set_address(options.listen, settings);
  set_tls(options, settings);
  std::mutex log_mutex;
  settings.log = [&log_mutex](std::string_view line) {
    const std::lock_guard lock(log_mutex);
    std::cerr << line << '\n';
  };
  const std::unique_ptr<tr::Storage> storage = open_storage(options);
  tr::RegistryHandler registry(*storage);
  std::optional<tr::BasicAuth> auth;
  if (!options.htpasswd.empty()) auth.emplace(registry, tr::Htpasswd::load(options.htpasswd));
  tr::Handler& handler = auth ? static_cast<tr::Handler&>(*auth) : registry;
  const tr::Server server(handler, settings);
  context.ui.block(fmt::format("{{\"address\":{},\"url\":{}}}\n", json_quote(server.address()),
                               json_quote(server.url())));
  wait_for_stop(context.stop);
}

Command serve_command() {
  Command command;
  command.name = "serve";
  command.summary =
      "Serve a registry until interrupted; prints one line of JSON with its address when ready";
  command.examples =
      "  # A registry in memory on any free port\n"
      "  tote registry serve --listen 127.0.0.1:0\n\n"
      "  # One that keeps what it has\n"
      "  tote registry serve --listen 0.0.0.0:5000 --dir /var/lib/tote --sync";
  auto options = std::make_shared<ServeOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("listen", 0, options->listen, "Address to listen on; port 0 picks a free one");
  flags.add_string("dir", 0, options->directory, "Directory to keep everything in");
  flags.add_string("htpasswd", 0, options->htpasswd, "File of users and bcrypt passwords");
  flags.add_string("tls-cert", 0, options->tls_certificate, "PEM file with the certificate chain");
  flags.add_string("tls-key", 0, options->tls_key, "PEM file with the certificate's key");
  flags.add_bool("sync", 0, options->sync,
                 "Answer only when what was sent would survive a power cut");
  command.run = [options](CommandContext& context) { run(*options, context); };
  return command;
}

}  // namespace

Command registry_command() {
  Command command;
  command.name = "registry";
  command.summary = "A registry of its own (serve)";
  command.subcommands.push_back(serve_command());
  return command;
}

}  // namespace tote::cmd
