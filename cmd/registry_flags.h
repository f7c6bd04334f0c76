// The flags about registries, which push, pull, copy and tag share.
#pragma once

#include "base/task_group.h"
#include "cmd/cli/command.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/cli/flags.h"
#include "registry/client.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tote::cmd {

struct RegistryFlags {
  std::vector<std::string> ca_paths;
  bool verify_certificates = true;
  std::string client_certificate;
  std::string client_key;
  bool insecure = false;
  bool anonymous = false;
  std::string username;
  std::string password;
  std::string token;
  std::chrono::milliseconds response_header_timeout{30'000};
  int retry_count = 5;
  std::uint64_t bytes_per_second = 0;
  int requests_per_second = 0;
  std::uint64_t chunk_size = 0;
  transport::Headers headers;
  std::vector<std::string> addresses;  // as of registry::ClientOptions
  std::string user_agent;              // empty: tote's own
  std::string registries_conf;         // a path, or "none"; empty: where it is found
  registry::RegistriesConf given_mirrors;
  std::chrono::milliseconds stall_timeout{60'000};
  std::chrono::milliseconds timeout{0};  // of the whole command; 0: none

  void add_to(FlagSet& flags);
  // Throws for unreadable CA files, unknown IMGPKG_REGISTRY_ variables and a retry count below 0.
  // The context must outlive the client.
  std::unique_ptr<registry::Client> make_client(const CommandContext& context,
                                                const Concurrency& concurrency) const;
  // What it is made with.
  registry::ClientOptions client_options(const CommandContext& context,
                                         const Concurrency& concurrency) const;
  // Runs a command, whose context is stopped when its --timeout is over: Error{kTransport} then.
  void run_in_time(CommandContext& context, const std::function<void()>& run) const;

 private:
  void add_certificates(FlagSet& flags);
  void add_limits(FlagSet& flags);
  void add_requests(FlagSet& flags);
  void add_mirrors(FlagSet& flags);
  void set_mirrors(const CommandContext& context, registry::ClientOptions& options) const;
  // These flags with what the user's file says of one registry.
  registry::HostOptions options_of(const FileValues& values) const;
  // Throws Error{kUsage} for less than 0.
  int checked_retry_count() const;
  std::chrono::microseconds between_requests() const;
};

// With a thread for each request that the hosts take at a time, as far as that is known by now:
// more would wait for one another. The client must outlive it.
ThreadPool make_pool(const Concurrency& concurrency, registry::Client& client);

}  // namespace tote::cmd
