#include "transport/redirecting_transport.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <array>

namespace tote::transport {
namespace {

constexpr int kMaxRedirects = 10;
constexpr std::size_t kMaxDrained = 16 * 1024;

// Tells whether anything of a body was taken.
class WatchedSource final : public Source {
 public:
  explicit WatchedSource(Source& inner) : inner_(inner) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    was_read_ = true;
    return inner_.read_some(out);
  }
  bool was_read() const noexcept { return was_read_; }

 private:
  Source& inner_;
  bool was_read_ = false;
};

bool keeps_method(int status) {
  return status == 307 || status == 308;
}

bool is_followed(const Request& request, int status, bool can_be_sent_again) {
  if (request.method == "GET" || request.method == "HEAD")
    return keeps_method(status) || status == 301 || status == 302 || status == 303;
  return keeps_method(status) && can_be_sent_again;
}

// A connection whose answer was read to the end can be used again.
void drain(Reply& reply) {
  std::array<std::byte, kMaxDrained> buffer{};
  try {
    static_cast<void>(read_full(reply, buffer));
  } catch (const Error&) {
    // Then it is not used again.
  }
}

}  // namespace

std::optional<Request> redirected(const Request& request, const Reply& reply,
                                  bool can_be_sent_again) {
  const std::string location = reply.header("Location").value_or("");
  if (location.empty() || !is_followed(request, reply.status(), can_be_sent_again))
    return std::nullopt;
  Request next = request;
  next.url = follow(reply.url(), location);
  if (origin_of(next.url) == origin_of(request.url)) return next;
  if (request.is_secret && !request.body.is_empty()) return std::nullopt;
  std::erase_if(next.headers, [](const auto& header) {
    return equal_ignoring_case(header.first, "Authorization");
  });
  next.host_headers.clear();
  next.shows_certificate = false;
  next.stays_nearby = false;
  return next;
}

std::unique_ptr<Reply> RedirectingTransport::open(const Request& request, std::stop_token stop) {
  Request next = request;
  std::optional<WatchedSource> body;
  if (Source* const source = request.body.source())
    next.body = Body(body.emplace(*source), request.body.size());
  for (int hops = 0;; ++hops) {
    std::unique_ptr<Reply> reply = inner_.open(next, stop);
    std::optional<Request> instead = redirected(next, *reply, !body || !body->was_read());
    if (!instead) return reply;
    if (hops == kMaxRedirects)
      throw Error(ErrorKind::kTransport,
                  fmt::format("{} \"{}\": more than {} redirects", request.method,
                              redact_url(request.url), kMaxRedirects));
    drain(*reply);
    next = *std::move(instead);
  }
}

}  // namespace tote::transport
