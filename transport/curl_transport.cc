#include "transport/curl_transport.h"

#include "transport/curl_exchange.h"

namespace tote::transport {
namespace {

class CurlReply final : public Reply {
 public:
  CurlReply(std::shared_ptr<CurlState> state, const Request& request, std::stop_token stop)
      : exchange_(std::move(state), request, std::move(stop)) {
    exchange_.read_head();
    status_ = exchange_.status();
    headers_ = exchange_.take_fields();
    url_ = request.url;
    if (header("Retry-After")) retry_after_ = exchange_.retry_after();
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    return exchange_.read_some(out);
  }

 private:
  CurlExchange exchange_;
};

}  // namespace

std::vector<std::string> curl_features() {
  std::vector<std::string> features;
  const int found = curl_version_info(CURLVERSION_NOW)->features;
  if ((found & CURL_VERSION_HTTP2) != 0) features.emplace_back("http2");
  if ((found & CURL_VERSION_SSL) != 0) features.emplace_back("https");
  if ((found & CURL_VERSION_IPV6) != 0) features.emplace_back("ipv6");
  return features;
}

CurlTransport::CurlTransport(CurlOptions options)
    : state_(std::make_shared<CurlState>(std::move(options))) {}
CurlTransport::~CurlTransport() = default;

std::unique_ptr<Reply> CurlTransport::open(const Request& request, std::stop_token stop) {
  return std::make_unique<CurlReply>(state_, request, std::move(stop));
}

}  // namespace tote::transport
