// Certificates made on the spot, for registries that live as long as a test.
#pragma once

#include "testregistry/http/server_options.h"

#include <string>
#include <vector>

namespace tote::testregistry {

struct SelfSigned {
  std::string ca_pem;  // what clients have to trust
  ServerTls tls;
};

// For these names and addresses. The authority's key is forgotten at once. Valid for ten days.
// Throws Error{kInternal}.
SelfSigned make_self_signed(const std::vector<std::string>& hosts);

}  // namespace tote::testregistry
