// Another transport that is held to a rate, in each direction.
#pragma once

#include "base/rate_limit.h"
#include "transport/http.h"

namespace tote::transport {

// Bodies count, heads do not.
class LimitedTransport final : public Transport {
 public:
  // `inner` and the clock must outlive it. REQUIRES: bytes_per_second > 0
  LimitedTransport(Transport& inner, std::uint64_t bytes_per_second, Clock& clock)
      : inner_(inner), down_(bytes_per_second, clock), up_(bytes_per_second, clock) {}

  std::unique_ptr<Reply> open(const Request& request, std::stop_token stop) override;

 private:
  Transport& inner_;
  RateLimit down_;
  RateLimit up_;
};

}  // namespace tote::transport
