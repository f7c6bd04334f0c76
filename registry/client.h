// All registries, as the program talks to them.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/mutex.h"
#include "registry/auth/keychain.h"
#include "registry/host.h"
#include "registry/mirrored_repository.h"
#include "registry/registries_conf.h"
#include "registry/remote_repository.h"
#include "registry/upload_journal.h"
#include "registry/web_file.h"
#include "transport/host_certificates.h"
#include "transport/redirecting_transport.h"
#include "transport/tracing_transport.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tote::registry {

// What one registry may have of its own.
struct HostOptions {
  std::vector<std::string> ca_paths = {};
  bool verify_certificates = true;
  std::string client_certificate = {};
  std::string client_key = {};
  bool insecure = false;
  int max_attempts = RetryPolicy{}.max_attempts;
  std::chrono::microseconds between_requests{0};
  std::uint64_t chunk_size = 0;
  transport::Headers headers = {};
};

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
  std::chrono::seconds stall_timeout{60};
  RetryPolicy retry = {};
  std::uint64_t bytes_per_second = 0;  // in each direction, of all together; 0: as they come
  std::chrono::microseconds between_requests{0};  // to one host, at the least
  std::size_t first_requests = kNoLimit;          // to one host at a time, in the beginning
  std::size_t most_requests = kNoLimit;           // and ever, whatever pays
  std::uint64_t chunk_size = 0;                   // as of HostSettings
  // Where uploads are written down that a later run can go on with; as of UploadJournal.
  std::filesystem::path uploads = {};
  std::function<void(const std::string& why)> on_no_journal = {};
  std::string user_agent = "tote";
  transport::Headers headers = {};          // as of HostSettings
  std::vector<std::string> addresses = {};  // as of CurlOptions
  // In place of all that is said above, by registry ("h.example:5000").
  std::map<std::string, HostOptions> hosts = {};
  RegistriesConf mirrors = {};  // what source() reads instead
  MirroredRepository::Words on_mirror = {};
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
  // The same for whoever only reads images that somebody has named: from mirrors, if there are any
  // for it, with such passwords only as are theirs. Error{kUsage} if it is blocked.
  oci::ImageReader& source(const oci::Repository& name);
  // "localhost:5000"
  Host& host(const std::string& registry);

  // Of servers that are no registries, with the same authorities, passwords and limits.
  WebFiles web();

  // How many requests all hosts together take at a time, as far as they are known by now; at the
  // least as many as one gets in the beginning.
  std::size_t allowed_requests();

 private:
  Client(const ClientOptions& options, std::unique_ptr<transport::Transport> transport,
         Clock& clock);

  Host& host_of(const std::string& registry) TOTE_REQUIRES(mutex_);

  std::unique_ptr<transport::Transport> own_transport_;
  std::unique_ptr<transport::Transport> limited_;  // null: there is no limit
  transport::RedirectingTransport transport_;
  UploadJournal journal_;
  Keychain keychain_;
  const Keychain keychain_by_name_;
  HostSettings settings_of(const std::string& registry) const;
  HostSettings settings_of(const PullPlace& place) const;
  RemoteRepository& repository_at(const PullPlace& place);

  HostSettings settings_;
  const std::map<std::string, HostOptions> host_options_;
  const RegistriesConf mirrors_;
  const MirroredRepository::Words on_mirror_;
  Clock& clock_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<Host>> hosts_ TOTE_GUARDED_BY(mutex_);
  std::map<oci::Repository, std::unique_ptr<RemoteRepository>> repositories_
      TOTE_GUARDED_BY(mutex_);
  // Where registries.conf leads, which may be what others name too; whether that is insecure.
  std::map<std::pair<std::string, bool>, std::unique_ptr<Host>> places_ TOTE_GUARDED_BY(mutex_);
  std::map<std::pair<oci::Repository, bool>, std::unique_ptr<RemoteRepository>>
      repositories_at_places_ TOTE_GUARDED_BY(mutex_);
  std::map<oci::Repository, std::unique_ptr<MirroredRepository>> sources_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::registry
