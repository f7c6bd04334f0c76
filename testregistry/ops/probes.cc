#include "testregistry/ops/probes.h"

#include "testregistry/http/error_response.h"

namespace tote::testregistry {
namespace {

Response plain(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; version=0.0.4"}}, std::move(text)};
}

}  // namespace

bool Probes::is_probe(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path == "/livez" || path == "/readyz" || path == "/metrics";
}

std::optional<Response> Probes::answer_now(const RequestHead& head) {
  if (!is_probe(head.path)) return inner().answer_now(head);
  if (head.method != "GET" && head.method != "HEAD") return unsupported("GET, HEAD");
  if (head.path == "/metrics")  // counting takes a while
    return metrics_ ? std::nullopt
                    : std::optional(error_response(404, "UNSUPPORTED", "No such endpoint"));
  if (head.path == "/readyz" && !ready_) return plain(503, "stopping\n");
  return plain(200, "ok\n");
}

Lane Probes::lane(const RequestHead& head) {
  return is_probe(head.path) ? Lane::kStorage : inner().lane(head);
}

Begun Probes::begin(const RequestHead& head) {
  if (head.path == "/metrics" && metrics_) return plain(200, metrics_());
  return inner().begin(head);
}

}  // namespace tote::testregistry
