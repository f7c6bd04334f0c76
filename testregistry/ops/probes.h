// /livez, /readyz and /metrics: for whoever looks after a registry rather than uses it. In front of
// authentication, and not in the access log.
#pragma once

#include "testregistry/http/filter.h"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace tote::testregistry {

class Probes final : public HandlerFilter {
 public:
  // `inner` must outlive it. `metrics` gives their text; null: they are not here.
  Probes(Handler& inner, std::function<std::string()> metrics)
      : HandlerFilter(inner), metrics_(std::move(metrics)) {}

  // Not ready: no further request should come here.
  void set_ready(bool ready) { ready_ = ready; }
  static bool is_probe(std::string_view target);

  std::optional<Response> answer_now(const RequestHead& head) override;
  Lane lane(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  std::function<std::string()> metrics_;
  std::atomic<bool> ready_ = true;
};

}  // namespace tote::testregistry
