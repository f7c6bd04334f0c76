#include "transport/location.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/url.h"

#include <fmt/format.h>

namespace tote::transport {
namespace {

struct Place {
  std::string scheme;
  std::string host;
  std::string port;

  bool has_standard_port() const { return port == (scheme == "https" ? "443" : "80"); }
};

Place place_of(const std::string& url) {
  const std::string origin = origin_of(url);
  const std::size_t host = origin.find("://") + 3;
  const std::size_t port = origin.rfind(':') + 1;
  return {origin.substr(0, host - 3), origin.substr(host, port - 1 - host), origin.substr(port)};
}

// But for the scheme: "http://a/" and "https://a/", "http://a:5000/" and "https://a:5000/".
bool differ_in_scheme_only(const Place& a, const Place& b) {
  return a.host == b.host && (a.port == b.port || (a.has_standard_port() && b.has_standard_port()));
}

[[noreturn]] void refuse(const std::string& base, const std::string& why) {
  throw Error(ErrorKind::kRegistry, fmt::format("'{}' leads to {}", redact_url(base), why));
}

// What a request line can hold.
std::string encode(const std::string& base, std::string_view reference) {
  std::string out;
  for (const char c : trim(reference)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) refuse(base, "a URL with control characters in it");
    out +=
        byte == ' ' || byte >= 0x80 ? percent_encode(std::string_view(&c, 1)) : std::string(1, c);
  }
  if (out.empty()) refuse(base, "an empty URL");
  return out;
}

}  // namespace

std::string follow(const std::string& base, std::string_view reference) {
  const std::string text = encode(base, reference);
  std::string url =
      while_doing([&] { return fmt::format("Following where '{}' leads", redact_url(base)); },
                  [&] { return resolve_url(base, text); });
  const Place from = place_of(base);
  const Place to = place_of(url);
  if (to.scheme == from.scheme) return url;
  if (differ_in_scheme_only(from, to)) {
    const bool to_tls_port = to.scheme == "https" && to.port != from.port;
    return to_tls_port ? url : with_scheme(url, from.scheme);  // a port speaks one of the two
  }
  if (from.scheme == "https")
    refuse(base, fmt::format("'{}', which is not encrypted: not followed", redact_url(url)));
  return url;
}

bool is_same_server(const std::string& base, const std::string& url) {
  const Place from = place_of(base);
  const Place to = place_of(url);
  if (from.host != to.host) return false;
  if (from.scheme == to.scheme) return from.port == to.port;
  return from.scheme == "http" && from.has_standard_port() && to.has_standard_port();
}

}  // namespace tote::transport
