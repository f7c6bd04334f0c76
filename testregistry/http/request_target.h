// The target of a request line (RFC 9112, 3.2). Internal to testregistry/.
#pragma once

#include "testregistry/http/handler.h"

#include <string_view>

namespace tote::testregistry {

// Sets `path` and `query` of `head`; false for what is neither a path nor a URL. Untrusted.
bool parse_target(std::string_view target, RequestHead& head);

}  // namespace tote::testregistry
