// Whether a URL that a server gave us is followed, and as what: the Location of uploads and
// redirects (RFC 9110, 10.2.2), the Link of pages. Nothing else in this program decides that.
#pragma once

#include <string>
#include <string_view>

namespace tote::transport {

// The URL that `reference` names in an answer of `base`, ready to be requested: no fragment, no
// user and password, blanks and bytes beyond ASCII percent-encoded.
//
// It never leads from TLS to plain text. A registry behind a proxy that ends TLS often believes
// that it is reached by http: where only the scheme is wrong, the scheme of `base` is kept.
// Error{kParse} for what is no http(s) URL, Error{kRegistry} for another host or port in plain
// text.
std::string follow(const std::string& base, std::string_view reference);

// Whether `url` is of the same registry as `base`, so that it may see our credentials: the same
// origin, or its TLS port where `base` is on the port of plain http.
bool is_same_server(const std::string& base, const std::string& url);

}  // namespace tote::transport
