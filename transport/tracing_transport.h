// Every exchange as text, for whoever looks for the cause of something (--debug). Nothing secret:
// no Authorization, no cookies, no signatures in URLs, no bodies of token services.
#pragma once

#include "transport/http.h"

#include <functional>

namespace tote::transport {

// Takes whole lines, of one message; called by any thread.
using Trace = std::function<void(std::string_view)>;

class TracingTransport final : public Transport {
 public:
  TracingTransport(std::unique_ptr<Transport> inner, Trace trace)
      : inner_(std::move(inner)), trace_(std::move(trace)) {}

  std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) override;

 private:
  std::unique_ptr<Transport> inner_;
  Trace trace_;
};

}  // namespace tote::transport
