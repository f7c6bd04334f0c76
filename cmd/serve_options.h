// What `registry serve` is asked for: its flags, and the registry that they make.
#pragma once

#include "cmd/cli/flags.h"
#include "testregistry/registry_config.h"

#include <filesystem>
#include <optional>
#include <string>

namespace tote::cmd {

// Each flag is a row of serve_options.cc, which says where its value goes: into `registry` where
// one flag alone decides, else into what stands below it.
class ServeOptions {
 public:
  std::filesystem::path ready_file = {};
  std::filesystem::path snapshot = {};

  // `flags` must not outlive this.
  void add_to(FlagSet& flags);
  // REQUIRES: of all of these the flags are settled.
  LogFormat log_format() const { return registry_.access_log.value_or(LogFormat::kText); }
  // `otherwise`: if nothing is said.
  LogLevel least_level(LogLevel otherwise) const { return least_level_.value_or(otherwise); }
  // Reads the files of rules and keys. `log` must outlive the registry. Throws Error{kUsage} for
  // what flags and files say together, and what reading the files throws.
  testregistry::RegistryConfig registry_config(Log& log) const;

 private:
  void add_address(FlagSet& flags);
  void add_contents(FlagSet& flags);
  void add_users(FlagSet& flags);
  void add_tls(FlagSet& flags);
  void add_limits(FlagSet& flags);
  void add_times_and_threads(FlagSet& flags);
  void add_collection(FlagSet& flags);
  void add_surroundings(FlagSet& flags);
  void add_log_and_faults(FlagSet& flags);
  testregistry::AccessOptions access() const;

  testregistry::RegistryConfig registry_ = {};
  testregistry::AccessOptions access_{testregistry::AccessRules::simple({})};  // if it has users
  testregistry::TlsFiles tls_ = {};                                            // if it has TLS
  bool secure_ = false;
  bool tls_self_signed_ = false;
  bool anonymous_pull_ = false;
  std::filesystem::path rules_ = {};
  std::filesystem::path token_key_ = {};
  std::optional<testregistry::AuthScheme> scheme_ = {};
  std::optional<LogLevel> least_level_ = {};
};

}  // namespace tote::cmd
