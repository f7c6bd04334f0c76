#include "testregistry/faults.h"

#include "testregistry/access_rules.h"
#include "testregistry/errors.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

bool is_for(const Fault& fault, const RequestHead& head) {
  return (fault.method.empty() || fault.method == head.method) &&
         matches_repository(fault.path, head.path);
}

// Both happen; of two positions the first one counts.
Mishap both(const Mishap& a, const Mishap& b) {
  const auto first = [](const auto& x, const auto& y) {
    return x && y ? std::min(x, y) : x ? x : y;
  };
  return {a.delay + b.delay, a.drop || b.drop, first(a.cut_at, b.cut_at),
          first(a.stall_at, b.stall_at), first(a.corrupt_at, b.corrupt_at)};
}

std::string_view code_of(int status) {
  if (status == 401) return "UNAUTHORIZED";
  if (status == 403) return "DENIED";
  if (status == 429) return "TOOMANYREQUESTS";
  return status < 500 ? "UNSUPPORTED" : "UNKNOWN";
}

Response answer_of(const Fault& fault) {
  Response response = error_response(fault.status, code_of(fault.status), "A fault on purpose");
  if (!fault.retry_after.empty()) response.headers.emplace_back("Retry-After", fault.retry_after);
  return response;
}

void spoil(const std::vector<Fault>& faults, Response& response) {
  Mishap mishap = response.mishap ? *response.mishap : Mishap{};
  for (const Fault& fault : faults) mishap = both(mishap, fault.mishap);
  response.mishap = std::make_shared<const Mishap>(mishap);
}

}  // namespace

// Lets the request be handled, then spoils the answer.
class Faults::Failing final : public Exchange {
 public:
  Failing(std::unique_ptr<Exchange> inner, std::vector<Fault> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}
  void on_body(ConstBytes data) override { inner_->on_body(data); }
  Response finish() override {
    Response response = inner_->finish();
    spoil(faults_, response);
    return response;
  }

 private:
  std::unique_ptr<Exchange> inner_;
  std::vector<Fault> faults_;
};

Faults::Faults(Handler& inner, std::vector<Fault> faults, std::uint64_t seed) : inner_(inner) {
  for (Fault& fault : faults) {
    Armed& armed = faults_.emplace_back();
    armed.fault = std::move(fault);
    armed.random.seed(seed + faults_.size());
  }
}

std::vector<Fault> Faults::strike(const RequestHead& head) {
  std::vector<Fault> struck;
  const std::lock_guard lock(mutex_);
  for (Armed& armed : faults_) {
    if (!is_for(armed.fault, head)) continue;
    const double drawn = std::uniform_real_distribution<double>(0, 1)(armed.random);
    if (++armed.seen <= armed.fault.after || drawn >= armed.fault.rate ||
        armed.hit >= armed.fault.times.value_or(UINT64_MAX))
      continue;
    ++armed.hit;
    struck.push_back(armed.fault);
  }
  return struck;
}

Begun Faults::begin(const RequestHead& head) {
  std::vector<Fault> struck = strike(head);
  const auto refusing = std::find_if(struck.begin(), struck.end(),
                                     [](const Fault& fault) { return fault.status != 0; });
  Begun begun = refusing != struck.end() ? Begun(answer_of(*refusing)) : inner_.begin(head);
  if (struck.empty()) return begun;
  if (auto* response = std::get_if<Response>(&begun)) {
    spoil(struck, *response);
    return begun;
  }
  return std::make_unique<Failing>(std::get<std::unique_ptr<Exchange>>(std::move(begun)),
                                   std::move(struck));
}

}  // namespace tote::testregistry
