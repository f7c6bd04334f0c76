// Error answers that any handler may have to give (OCI distribution specification 1.1, "Error
// Codes").
#pragma once

#include "testregistry/http/handler.h"

#include <string_view>

namespace tote::testregistry {

// {"errors":[{"code":...,"message":...}]} with that status.
Response error_response(int status, std::string_view code, std::string_view message);

// 405: no such method here; `allowed` are those that there are (RFC 9110, 10.2.1).
Response unsupported(std::string_view allowed);
Response unauthorized(std::string_view challenge);  // 401 with WWW-Authenticate (RFC 9110, 11.6.1)
Response denied(std::string_view why);              // 403

}  // namespace tote::testregistry
