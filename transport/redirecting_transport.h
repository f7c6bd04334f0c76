// Following redirects (RFC 9110, 15.4), by the rules of follow().
#pragma once

#include "transport/http.h"

#include <optional>

namespace tote::transport {

// The request to make instead, after the answer `reply` to `request`; nullopt: the answer stands.
// GET and HEAD follow every redirect, other methods those that keep the method (307, 308) if
// `can_be_sent_again`. Another origin gets no Authorization, no client certificate and no secret
// body. Throws what follow() throws.
std::optional<Request> redirected(const Request& request, const Reply& reply,
                                  bool can_be_sent_again);

// Another transport with redirects followed, ten at most (Error{kTransport}). A redirect of a
// request whose body source has been read from is returned: its sender has to open it again.
class RedirectingTransport final : public Transport {
 public:
  // `inner` must outlive it.
  explicit RedirectingTransport(Transport& inner) : inner_(inner) {}
  std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) override;

 private:
  Transport& inner_;
};

}  // namespace tote::transport
