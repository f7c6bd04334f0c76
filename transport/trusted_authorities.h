// The authorities by which servers' certificates are judged. For the other curl_*.cc files of this
// folder only.
#pragma once

#include "base/mutex.h"
#include "transport/ca_files.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;
struct x509_store_st;
struct x509_store_ctx_st;

namespace tote::transport {

// Read once, when the first server shows a certificate, and shared by all connections: libcurl
// would read them for each, which takes as long as a hundred requests to a near registry, even if
// it turns out that the server does not speak TLS. Thread-safe.
class TrustedAuthorities {
 public:
  // `pem` takes the place of the system's file; its directory still counts.
  TrustedAuthorities(std::string pem, const SystemAuthorities& system);
  TrustedAuthorities(const TrustedAuthorities&) = delete;
  TrustedAuthorities& operator=(const TrustedAuthorities&) = delete;
  ~TrustedAuthorities();

  // Servers that connections of it lead to are judged by these, which must outlive it.
  void judge_for(ssl_ctx_st* context);

 private:
  static int on_certificate(x509_store_ctx_st* chain, void* self);
  void read();

  const std::string pem_;
  const std::string file_;
  const std::string directory_;
  std::once_flag is_read_;
  x509_store_st* const store_;
};

// Those of each origin. Thread-safe.
class AuthoritiesByOrigin {
 public:
  AuthoritiesByOrigin(std::string extra_pem, SystemAuthorities system)
      : extra_pem_(std::move(extra_pem)), system_(std::move(system)) {}

  // `own_pem`: what this origin has in place of `extra_pem`, the same with each call; empty: none.
  TrustedAuthorities& of(const std::string& origin, const std::string& own_pem);

 private:
  const std::string extra_pem_;
  const SystemAuthorities system_;
  Mutex mutex_;
  // "" for all that have none of their own.
  std::map<std::string, std::unique_ptr<TrustedAuthorities>> sets_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::transport
