// A registry with all that it needs, from its storage to its sockets. The one place where the rooms
// of testregistry/ are put together: `tote registry serve` is this with flags, a test this with
// something in front.
#pragma once

#include "testregistry/registry_config.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::testregistry {

// How a registry can be reached.
struct ReadyRegistry {
  std::string address;                      // "127.0.0.1:5000"
  std::vector<std::string> addresses = {};  // every one, that first
  std::string url;                          // "http://127.0.0.1:5000"
  std::string metrics_address = {};         // of RegistryConfig::metrics_listen
  std::string ca_path = {};                 // of TlsFiles::ca_out, absolute
  std::string ca_pem = {};                  // the authority of a certificate made on the spot
  std::string user = {};                    // RegistryConfig::made_user
  std::string password = {};                // likewise
};

// Touches no state of the process: signals, the environment and limits are its caller's.
class Registry {
 public:
  // Opens what it keeps. Throws Error of any kind that its options can bring about.
  explicit Registry(RegistryConfig config);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry();  // without waiting for requests in flight, unless stop() has

  // Answers requests when it returns. To be called once, and before the functions below. Throws
  // Error{kIo} (an address is in use) or Error{kParse} (a certificate).
  const ReadyRegistry& start();
  const ReadyRegistry& ready() const;

  // Returns at a stop; until then does what has to be done now and then.
  void keep_up(const std::stop_token& stop);
  // Reads the files of certificates again; the old ones stay if that fails. Thread-safe.
  void reload_tls();
  // Answers what is in flight; then nothing more changes. To be called once.
  void stop();

  // For those in the same process: before start() to look at what was there, later also to change
  // it. Thread-safe.
  Storage& storage();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Collects the garbage of a directory that no registry is serving. `log` is told what can not be
// collected, by any thread. Throws Error{kUsage} for one that no registry keeps things in,
// Error{kIo}, Cancelled.
Collected collect_garbage(const std::filesystem::path& directory, const CollectOptions& options,
                          const std::function<void(std::string_view)>& log, std::stop_token stop);

// The same of an OCI image layout that nobody is writing to. Also Error{kParse}.
Collected collect_layout_garbage(const std::filesystem::path& directory,
                                 const CollectOptions& options,
                                 const std::function<void(std::string_view)>& log,
                                 std::stop_token stop);

}  // namespace tote::testregistry
