// Taking URLs apart, by libcurl's own parser, so that what is checked is what is requested.
#pragma once

#include <string>
#include <string_view>

namespace tote::registry {

// "https://host:443": scheme, host and port, lower-case, port always there. Error{kParse} for
// what is no http or https URL.
std::string origin_of(const std::string& url);
std::string scheme_of(const std::string& url);
std::string host_of(const std::string& url);  // no port, no brackets

// `reference` seen from `base` (RFC 3986, 5): a Location header from the URL that sent it.
std::string resolve_url(const std::string& base, const std::string& reference);
std::string with_parameter(const std::string& url, std::string_view name, std::string_view value);

// For messages: no user and password, and parameter values that may be signatures as "...".
std::string redact_url(const std::string& url);

// Whether the host of a registry ("localhost:5000") is one that imgpkg also speaks plain HTTP to:
// this machine, *.local, *.localhost, addresses of RFC 1918.
bool may_use_plain_http(const std::string& registry);
// Whether it is this machine, so that proxies are not for it.
bool is_loopback(std::string_view host) noexcept;

}  // namespace tote::registry
