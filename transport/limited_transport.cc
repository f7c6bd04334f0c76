#include "transport/limited_transport.h"

#include <algorithm>

namespace tote::transport {
namespace {

std::size_t read_limited(Source& inner, MutableBytes out, RateLimit& limit,
                         const std::stop_token& stop) {
  const std::size_t n = inner.read_some(out.first(std::min(out.size(), limit.piece())));
  if (n > 0) limit.take(n, stop);
  return n;
}

class LimitedReply final : public ReplyFilter {
 public:
  LimitedReply(std::unique_ptr<Reply> inner, RateLimit& limit, std::stop_token stop)
      : ReplyFilter(std::move(inner)), limit_(limit), stop_(std::move(stop)) {}

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    return read_limited(inner(), out, limit_, stop_);
  }

 private:
  RateLimit& limit_;
  const std::stop_token stop_;
};

class LimitedBody final : public Source {
 public:
  LimitedBody(Source& inner, RateLimit& limit, std::stop_token stop)
      : inner_(inner), limit_(limit), stop_(std::move(stop)) {}

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    return read_limited(inner_, out, limit_, stop_);
  }

 private:
  Source& inner_;
  RateLimit& limit_;
  const std::stop_token stop_;
};

}  // namespace

std::unique_ptr<Reply> LimitedTransport::open(const Request& request, std::stop_token stop) {
  const auto limited = [&](std::unique_ptr<Reply> reply) {
    return std::make_unique<LimitedReply>(std::move(reply), down_, stop);
  };
  Source* const source = request.body.source();
  if (source == nullptr) {
    // Small, and perhaps sent again by a redirect.
    if (!request.body.is_empty()) up_.take(request.body.size(), stop);
    return limited(inner_.open(request, stop));
  }
  LimitedBody body(*source, up_, stop);
  Request slow = request;
  slow.body = Body(body, request.body.size());
  return limited(inner_.open(slow, stop));
}

}  // namespace tote::transport
