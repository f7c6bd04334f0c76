// What a registry answers when it does not do what was asked (OCI distribution specification 1.1,
// "Error Codes").
#pragma once

#include "base/error.h"
#include "registry/http.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tote::registry {

class RegistryError final : public Error {
 public:
  RegistryError(ErrorKind kind, std::string message, Retry retry, int status,
                std::vector<std::string> codes, std::optional<std::chrono::seconds> retry_after)
      : Error(kind, std::move(message), retry),
        status_(status),
        codes_(std::move(codes)),
        retry_after_(retry_after) {}

  int status() const noexcept { return status_; }
  bool has_code(std::string_view code) const noexcept;
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

 private:
  int status_;
  std::vector<std::string> codes_;
  std::optional<std::chrono::seconds> retry_after_;
};

// What becomes of a body that is HTML: its title alone, or all of it, as imgpkg shows it.
enum class Bodies { kAsTheyAre, kReadable };

// Reads the body (64 KiB of it at most) and makes the error, worded as imgpkg words it: "GET URL:
// CODE: message". 401 and 403 are kUnauthorized, 404 is kNotFound, the rest kRegistry; 408, 429
// and 5xx may be tried again, unless the registry gives a reason that will not pass.
RegistryError make_registry_error(const std::string& method, HttpReply& reply, Bodies bodies);

// Whether a status that a HEAD got may be about HEAD alone: proxies and signed URLs of object
// stores refuse it where GET is allowed.
bool may_refuse_head_only(int status) noexcept;

}  // namespace tote::registry
