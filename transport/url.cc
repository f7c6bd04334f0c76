#include "transport/url.h"

#include "base/error.h"
#include "base/text.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <optional>

namespace tote::transport {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using UniqueUrl = std::unique_ptr<CURLU, FreeUrl>;

// Whatever the URL may be, its parameters and user may be secrets.
[[noreturn]] void refuse(const std::string& url, CURLUcode code) {
  std::string shown = url.substr(0, url.find('?'));
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos)
    shown = "..." + shown.substr(at);
  throw Error(ErrorKind::kParse,
              fmt::format("invalid URL '{}': {}", shown, curl_url_strerror(code)));
}

UniqueUrl parse(const std::string& text) {
  UniqueUrl url(curl_url());
  if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
      code != CURLUE_OK)
    refuse(text, code);
  return url;
}

// Empty when the URL has no such part.
std::string part(const UniqueUrl& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_nearby_v4(std::uint32_t address) noexcept {
  const auto is_in = [address](std::uint32_t network, int bits) {
    return address >> (32 - bits) == network >> (32 - bits);
  };
  return is_in(0x7F000000, 8) || is_in(0x0A000000, 8) || is_in(0xAC100000, 12) ||
         is_in(0xC0A80000, 16) || is_in(0x64400000, 10) || is_in(0xA9FE0000, 16);
}

// Parameters of the registry and token protocols, whose values are no secrets.
bool is_plain_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 8> kPlain = {"digest", "mount", "from",    "origin",
                                                      "n",      "last",  "service", "scope"};
  return std::find(kPlain.begin(), kPlain.end(), name) != kPlain.end();
}

std::string redact_query(const std::string& query) {
  std::string out;
  for (const std::string& parameter : split(query, '&')) {
    const std::size_t equals = parameter.find('=');
    out += out.empty() ? "" : "&";
    out += equals == std::string::npos || is_plain_parameter(parameter.substr(0, equals))
               ? parameter
               : parameter.substr(0, equals + 1) + "...";
  }
  return out;
}

}  // namespace

std::string origin_of(const std::string& url) {
  const UniqueUrl parsed = parse(url);
  const std::string scheme = part(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") refuse(url, CURLUE_UNSUPPORTED_SCHEME);
  return to_lower(fmt::format("{}://{}:{}", scheme, part(parsed, CURLUPART_HOST),
                              part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT)));
}

std::string scheme_of(const std::string& url) {
  return part(parse(url), CURLUPART_SCHEME);
}

std::string host_of(const std::string& url) {
  std::string host = to_lower(part(parse(url), CURLUPART_HOST));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string resolve_url(const std::string& base, const std::string& reference) {
  const UniqueUrl url = parse(base);
  if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), 0);
      code != CURLUE_OK)
    refuse(reference, code);
  for (const CURLUPart no_part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT})
    curl_url_set(url.get(), no_part, nullptr, 0);
  std::string resolved = part(url, CURLUPART_URL);
  origin_of(resolved);  // throws for other schemes
  return resolved;
}

std::string with_scheme(const std::string& url, const std::string& scheme) {
  const UniqueUrl parsed = parse(url);
  const std::string port = part(parsed, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  if (port.empty()) curl_url_set(parsed.get(), CURLUPART_PORT, nullptr, 0);
  curl_url_set(parsed.get(), CURLUPART_SCHEME, scheme.c_str(), 0);
  return part(parsed, CURLUPART_URL);
}

std::string with_parameter(const std::string& url, std::string_view name, std::string_view value) {
  const std::string_view target = std::string_view(url).substr(0, url.find('#'));
  const bool has_query = target.find('?') != std::string_view::npos;
  const bool is_open = target.ends_with('?') || target.ends_with('&');
  return fmt::format("{}{}{}={}", target, is_open ? "" : (has_query ? "&" : "?"), name,
                     percent_encode(value));
}

std::string redact_url(const std::string& url) {
  const UniqueUrl parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK)
    return "...";
  curl_url_set(parsed.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(parsed.get(), CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
  const std::string query = part(parsed, CURLUPART_QUERY);
  curl_url_set(parsed.get(), CURLUPART_QUERY, nullptr, 0);
  const std::string rest = part(parsed, CURLUPART_URL);
  return query.empty() ? rest : fmt::format("{}?{}", rest, redact_query(query));
}

std::string redact_reference(const std::string& reference) {
  if (reference.find("//") < reference.find('?')) return redact_url(reference);
  std::string target = reference.substr(0, reference.find('#'));
  const std::size_t query = target.find('?');
  if (query == std::string::npos) return target;
  return target.substr(0, query + 1) + redact_query(target.substr(query + 1));
}

bool is_nearby_address(const std::string& address) noexcept {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return is_nearby_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return false;
  const auto& bytes = v6.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6))
    return is_nearby_v4(std::uint32_t{bytes[12]} << 24U | std::uint32_t{bytes[13]} << 16U |
                        std::uint32_t{bytes[14]} << 8U | bytes[15]);
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) || (bytes[0] & 0xFEU) == 0xFCU;
}

bool is_loopback(std::string_view host) noexcept {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
         host == "::1";
}

}  // namespace tote::transport
