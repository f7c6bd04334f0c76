// What a registry answers when it does not do what was asked (OCI distribution specification 1.1,
// "Error Codes").
#pragma once

#include "base/error.h"
#include "transport/http.h"

#include <string>

namespace tote::registry {

// A response that the step does not allow; its status is for those who speak the protocol.
class RegistryError final : public Error {
 public:
  RegistryError(ErrorKind kind, std::string cause, Retry retry, int status)
      : Error(kind, std::move(cause), retry), status_(status) {}

  int status() const noexcept { return status_; }

 private:
  int status_;
};

// What becomes of a body that is HTML: its title alone, or all of it, as imgpkg shows it.
enum class Bodies { kAsTheyAre, kReadable };

// Reads the body (64 KiB of it at most) and makes the error, worded as imgpkg words it: "GET URL:
// CODE: message". 401 is kUnauthorized, 403 kForbidden, 404 kNotFound, the rest kRegistry; 408, 429
// and 5xx may be tried again, unless the registry gives a reason that stays.
RegistryError make_registry_error(const std::string& method, transport::Reply& reply,
                                  Bodies bodies);

// Whether a status that a HEAD got may be about HEAD alone: proxies and signed URLs of object
// stores refuse it where GET is allowed.
bool may_refuse_head_only(int status) noexcept;

}  // namespace tote::registry
