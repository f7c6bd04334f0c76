// Files of web servers that are no registries: indexes of charts, and charts.
#pragma once

#include "base/clock.h"
#include "base/retry.h"
#include "registry/auth/keychain.h"
#include "transport/http.h"

#include <cstdint>
#include <stop_token>
#include <string>

namespace tote::registry {

// Who may see a password.
enum class LogIn { kNever, kIfAsked };

// A value; what it was made of must outlive it. Thread-safe.
class WebFiles {
 public:
  WebFiles(transport::Transport& transport, const Keychain& keychain, const RetryPolicy& retry,
           Clock& clock, bool insecure)
      : transport_(transport),
        keychain_(keychain),
        retry_(retry),
        clock_(clock),
        insecure_(insecure) {}

  // All of it, at most `limit` bytes; tried again as registries are. Plain http is for this machine
  // and its network only, unless it is insecure(): Error{kUsage}. A server that asks for a password
  // by Basic authentication gets that of its host, if it may; over plain http only on networks that
  // are not the internet, and nobody that it redirects to. Error{kNotFound, kUnauthorized, ...} as
  // of registries.
  std::string fetch(const std::string& url, std::uint64_t limit, LogIn log_in,
                    std::stop_token stop) const;

 private:
  std::string fetch_once(const std::string& url, std::uint64_t limit, LogIn log_in,
                         const std::stop_token& stop) const;
  // Empty: it does not want one, or there is none.
  std::string authorization(const std::string& url, const transport::Reply& refusal,
                            const std::stop_token& stop) const;

  transport::Transport& transport_;
  const Keychain& keychain_;
  const RetryPolicy& retry_;
  Clock& clock_;
  bool insecure_;
};

}  // namespace tote::registry
