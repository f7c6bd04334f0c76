// What a registry is to be, as plain values: a program, a test and another library say it alike.
#pragma once

#include "base/log.h"
#include "testregistry/access/access_options.h"
#include "testregistry/api/registry_options.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/server_options.h"
#include "testregistry/ops/fault.h"
#include "testregistry/storage/storage.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tote::testregistry {

// An archive or an OCI image layout to begin with. In memory it is served from where it lies, and
// must not change; a directory gets a copy.
struct PreloadedFile {
  std::filesystem::path path;
  std::string repository = {};  // for all that is in it; empty: as it was called before
};

// An OCI image layout directory that is served and written to; made if it is not there.
struct LayoutDirectory {
  std::filesystem::path path;
  // What all of it is served as; empty: what its images are called, and those that do not say, like
  // the directory.
  std::string repository = {};
};

struct QuotaLimit {
  std::string prefix;   // "team" holds for "team" and "team/..."; "" for everything
  std::uint64_t bytes;  // that the repositories hold together
};

// PEM files. Without a certificate one is made on the spot, for the names and addresses that the
// registry listens on and this machine's own; its authority is in ReadyRegistry.
struct TlsFiles {
  std::filesystem::path certificate = {};  // with its chain
  std::filesystem::path key = {};          // of the certificate
  std::filesystem::path client_ca = {};    // must have signed clients' certificates; empty: no need
  std::filesystem::path ca_out = {};  // gets the authority of one that is made here; empty: nothing
};

struct RegistryConfig {
  // ---- what it keeps ----
  std::filesystem::path directory =
      {};  // empty, without layouts: everything is in memory, and goes with it
  std::vector<LayoutDirectory> layouts = {};  // in the place of a directory
  bool sync = false;  // with a directory or layouts: what is acknowledged survives a power cut
  std::vector<PreloadedFile> preload = {};
  bool read_only = false;
  std::vector<QuotaLimit> quotas = {};
  std::chrono::milliseconds collect_every{0};  // garbage; 0: never
  CollectOptions collect = {};

  // ---- who may do what ----
  RegistryOptions allowed = {};              // but its `quotas`, which the registry sets
  std::optional<AccessOptions> access = {};  // nullopt: everybody may do everything
  std::filesystem::path htpasswd = {};       // users for `access`; read again when it changes
  std::string made_user = {};                // or this one, with a random password

  // ---- where it listens ----
  // Of these `tls` is by `tls` below, unless it is given as text. Where `log` or `on_request` is
  // null, the registry's own are set, which write to its log and count what the metrics show.
  ServerOptions server = {};
  std::optional<TlsFiles> tls = {};
  std::optional<ListenAddress> metrics_listen = {};  // of /metrics; nullopt: beside everything else
  std::chrono::milliseconds stop_within{10'000};     // how long requests in flight may take then

  // ---- what it tells ----
  Log* log = nullptr;                        // must outlive it; null: nothing is told
  std::optional<LogFormat> access_log = {};  // a line for each request, to `log`
  std::string version = {};                  // in the metrics

  // ---- for those who test clients ----
  std::vector<Fault> faults = {};
  std::uint64_t fault_seed = 1;
  // Makes what stands in front of everything else, from what it stands in front of, which outlives
  // it; null: nothing does.
  std::function<std::unique_ptr<Handler>(Handler& inner)> in_front = {};
};

}  // namespace tote::testregistry
