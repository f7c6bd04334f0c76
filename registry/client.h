// All registries, as the program talks to them.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/mutex.h"
#include "registry/auth/keychain.h"
#include "registry/host.h"
#include "registry/remote_repository.h"
#include "transport/host_certificates.h"
#include "transport/redirecting_transport.h"
#include "transport/tracing_transport.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tote::registry {

struct ClientOptions {
  Environment environment = {};
  std::vector<std::string> ca_paths = {};
  bool verify_certificates = true;
  std::string client_certificate = {};  // paths of PEM files; see read_client_certificate()
  std::string client_key = {};
  // Of certs.d; nullopt: where the environment says.
  std::optional<std::vector<std::string>> certificate_roots = {};
  bool insecure = false;
  KeychainOptions keychain = {};
  std::chrono::milliseconds response_header_timeout{30'000};
  RetryPolicy retry = {};
  std::string user_agent = "tote";
  bool imgpkg_words = false;    // errors word by word as imgpkg's
  transport::Trace trace = {};  // of every exchange, if there is one
};

// Thread-safe. Repositories and hosts live as long as the client.
class Client {
 public:
  // Throws for unreadable CA files and unknown IMGPKG_REGISTRY_ variables.
  explicit Client(const ClientOptions& options, Clock& clock = system_clock());
  // With a transport of the caller's, which must outlive the client.
  Client(const ClientOptions& options, transport::Transport& transport, Clock& clock);

  RemoteRepository& repository(const oci::Repository& name);

 private:
  std::unique_ptr<transport::Transport> own_transport_;
  transport::RedirectingTransport transport_;
  Keychain keychain_;
  HostSettings settings_;
  Clock& clock_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<Host>> hosts_ TOTE_GUARDED_BY(mutex_);
  std::map<oci::Repository, std::unique_ptr<RemoteRepository>> repositories_
      TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::registry
