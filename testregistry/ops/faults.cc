#include "testregistry/ops/faults.h"

#include "base/mutex.h"
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "testregistry/values/name_pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

bool is_for(const Fault& fault, const RequestHead& head) {
  return (fault.method.empty() || fault.method == head.method) &&
         matches_pattern(fault.path, head.path);
}

// Both happen; of two positions the first one counts.
Mishap both(const Mishap& a, const Mishap& b) {
  const auto first = [](const auto& x, const auto& y) {
    return x && y ? std::min(x, y) : x ? x : y;
  };
  return {a.delay + b.delay,
          a.drop || b.drop,
          first(a.cut_at, b.cut_at),
          first(a.stall_at, b.stall_at),
          first(a.corrupt_at, b.corrupt_at),
          a.extra + b.extra,
          {}};
}

std::string_view code_of(int status) {
  if (status == 401) return "UNAUTHORIZED";
  if (status == 403) return "DENIED";
  if (status == 429) return "TOOMANYREQUESTS";
  return status < 500 ? "UNSUPPORTED" : "UNKNOWN";
}

// The target of a request, as it could have been sent.
std::string target_of(const RequestHead& head) {
  std::string target;
  for (const std::string& part : split(head.path, '/'))
    target += (target.empty() && part.empty() ? "" : "/") + percent_encode(part);
  for (std::size_t i = 0; i < head.query.size(); ++i)
    target += fmt::format("{}{}={}", i == 0 ? '?' : '&', percent_encode(head.query[i].first),
                          percent_encode(head.query[i].second));
  return target;
}

std::string redirect_target(const std::string& url, const RequestHead& head) {
  const std::size_t authority = url.find("://");
  const bool has_path =
      authority == std::string::npos || url.find('/', authority + 3) != std::string::npos;
  return has_path ? url : url + target_of(head);
}

Response answer_of(const Fault& fault, const RequestHead& head) {
  Response response = error_response(fault.status, code_of(fault.status), "A fault on purpose");
  if (!fault.retry_after.empty()) response.headers.emplace_back("Retry-After", fault.retry_after);
  if (!fault.redirect.empty())
    response.headers.emplace_back("Location", redirect_target(fault.redirect, head));
  return response;
}

void replace_header(Response& response, const std::string& name, const std::string& value) {
  std::erase_if(response.headers,
                [&](const auto& header) { return equal_ignoring_case(header.first, name); });
  response.headers.emplace_back(name, value);
}

// `held` goes with the answer.
void spoil(const std::vector<Fault>& faults, const std::vector<std::shared_ptr<const int>>& held,
           Response& response) {
  Mishap mishap = response.mishap ? *response.mishap : Mishap{};
  for (const Fault& fault : faults) {
    mishap = both(mishap, fault.mishap);
    for (const auto& [name, value] : fault.headers) replace_header(response, name, value);
  }
  mishap.held = std::make_shared<const std::vector<std::shared_ptr<const int>>>(held);
  response.mishap = std::make_shared<const Mishap>(std::move(mishap));
}

}  // namespace

Faults::Faults(Handler& inner, std::vector<Fault> faults, std::uint64_t seed, Clock& clock)
    : HandlerFilter(inner), clock_(clock) {
  for (Fault& fault : faults) {
    Armed& armed = faults_.emplace_back();
    armed.fault = std::move(fault);
    armed.random.seed(seed + faults_.size());
    armed.allowed = armed.fault.limit.value_or(0);
    armed.counted_at = clock_.now();
  }
}

// Whether the limits of a fault let the request pass; then it counts.
bool Faults::is_within(Armed& armed, std::vector<std::shared_ptr<const int>>& held) {
  const Fault& fault = armed.fault;
  if (fault.limit) {
    const auto now = clock_.now();
    const double passed = std::chrono::duration<double>(now - armed.counted_at).count();
    armed.counted_at = now;
    armed.allowed = std::min(*fault.limit, armed.allowed + passed * *fault.limit);
    if (armed.allowed < 1) return false;
    armed.allowed -= 1;
  }
  if (fault.concurrent) {
    if (static_cast<std::uint64_t>(armed.in_flight.use_count()) > *fault.concurrent) return false;
    held.push_back(armed.in_flight);
  }
  return fault.limit || fault.concurrent;
}

Faults::Struck Faults::strike(const RequestHead& head) {
  Struck struck;
  const Lock lock(mutex_);
  for (Armed& armed : faults_) {
    if (!is_for(armed.fault, head)) continue;
    const double drawn = std::uniform_real_distribution<double>(0, 1)(armed.random);
    if (++armed.seen <= armed.fault.after || drawn >= armed.fault.rate ||
        armed.hit >= armed.fault.times.value_or(UINT64_MAX) || is_within(armed, struck.held))
      continue;
    ++armed.hit;
    struck.faults.push_back(armed.fault);
  }
  return struck;
}

Begun Faults::begin(const RequestHead& head) {
  Struck struck = strike(head);
  const auto refusing = std::find_if(struck.faults.begin(), struck.faults.end(),
                                     [](const Fault& fault) { return fault.status != 0; });
  Begun begun =
      refusing != struck.faults.end() ? Begun(answer_of(*refusing, head)) : inner().begin(head);
  if (struck.faults.empty() && struck.held.empty()) return begun;
  return change_answer(std::move(begun), [struck = std::move(struck)](Response& response) {
    spoil(struck.faults, struck.held, response);
  });
}

}  // namespace tote::testregistry
