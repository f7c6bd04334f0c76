// Taking URLs apart, by libcurl's own parser, so that what is checked is what is requested.
#pragma once

#include <string>
#include <string_view>

namespace tote::transport {

// "https://host:443": scheme, host and port, lower-case, port always there. Error{kParse} for
// what is no http or https URL.
std::string origin_of(const std::string& url);
std::string scheme_of(const std::string& url);
std::string host_of(const std::string& url);  // no port, no brackets

// `reference` seen from `base` (RFC 3986, 5), without user, password and fragment. What servers
// send goes through follow() (location.h), which asks this. Error{kParse} for what is no http(s)
// URL.
std::string resolve_url(const std::string& base, const std::string& reference);
// `url` with the other scheme; a standard port becomes the other's standard port.
std::string with_scheme(const std::string& url, const std::string& scheme);
// A fragment is dropped: it would swallow the parameter.
std::string with_parameter(const std::string& url, std::string_view name, std::string_view value);

// For messages: no user and password, and parameter values that may be signatures as "...".
std::string redact_url(const std::string& url);

// The same for what a Location or Link holds, which may be a part of a URL.
std::string redact_reference(const std::string& reference);

// Whether a host is this machine, so that proxies are not for it.
bool is_loopback(std::string_view host) noexcept;
// Whether an IP address (no name, no brackets) is this machine's or of a network that is not the
// internet: loopback, RFC 1918, RFC 6598, link-local, RFC 4193.
bool is_nearby_address(const std::string& address) noexcept;

}  // namespace tote::transport
