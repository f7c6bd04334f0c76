// A response as the text of HTTP/1.1 (RFC 9112). Internal to testregistry/.
#pragma once

#include "testregistry/http/handler.h"

#include <string>

namespace tote::testregistry {

enum class KeepAlive { kNo, kYes };

// Status line and header fields, with Content-Length and, for kNo, "Connection: close".
std::string response_head(const Response& response, KeepAlive keep_alive);

}  // namespace tote::testregistry
