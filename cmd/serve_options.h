// What `registry serve` is told by its flags.
#pragma once

#include "base/log.h"
#include "cmd/cli/flags.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tote::cmd {

struct ServeOptions {
  std::vector<std::string> listen{"127.0.0.1:5000"};
  std::string ready_file;
  std::chrono::milliseconds grace{10'000};

  std::string directory;
  bool sync = false;
  std::vector<std::string> preload;  // [NAME=]PATH
  std::string snapshot;
  bool read_only = false;

  bool secure = false;
  std::string htpasswd;
  std::string rules;
  bool anonymous_pull = false;
  std::string auth;  // "", "basic", "token"
  std::chrono::milliseconds token_lifetime{300'000};
  std::string token_key;

  std::string tls_certificate;
  std::string tls_key;
  bool tls_self_signed = false;
  std::string tls_ca_out;
  std::string tls_client_ca;

  bool sparse = false;
  bool no_delete = false;
  std::string max_manifest_size = "4MiB";
  std::string max_blob_size;
  std::vector<std::string> quotas;  // PREFIX=SIZE
  int max_connections = 16 * 1024;
  std::string max_head_size = "32KiB";
  std::chrono::milliseconds head_timeout{60'000};
  std::chrono::milliseconds body_timeout{60'000};
  int io_threads = 1;
  int worker_threads = 4;

  std::chrono::milliseconds gc_interval{0};
  std::chrono::milliseconds gc_grace{3'600'000};
  bool gc_untagged = false;
  std::chrono::milliseconds upload_expiry{24 * 3'600'000};

  std::string public_url;
  std::vector<std::string> trusted_proxies;
  std::string metrics_listen;

  std::string access_log = "off";
  std::string log_level;  // "": by whether a command runs beside it
  std::vector<std::string> faults;
  int fault_seed = 1;
  std::string warning;

  void add_to(FlagSet& flags);
  // Throws Error{kUsage} for flags that contradict each other.
  void check() const;

  std::optional<LogFormat> log_format() const;
  // `otherwise`: if nothing is said.
  LogLevel least_level(LogLevel otherwise) const;
  bool has_users() const { return secure || !htpasswd.empty(); }
  bool uses_tls() const { return secure || tls_self_signed || !tls_certificate.empty(); }

 private:
  void add_address(FlagSet& flags);
  void add_contents(FlagSet& flags);
  void add_users(FlagSet& flags);
  void add_tls(FlagSet& flags);
  void add_limits(FlagSet& flags);
  void add_collection(FlagSet& flags);
  void add_surroundings(FlagSet& flags);
  void add_log_and_faults(FlagSet& flags);
  void check_tls() const;
  void check_users() const;
  void check_numbers() const;
};

}  // namespace tote::cmd
