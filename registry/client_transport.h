// HTTP as the options of a client say.
#pragma once

#include "registry/client.h"
#include "transport/http.h"

#include <memory>

namespace tote::registry {

// Throws for unreadable CA files and certificates.
std::unique_ptr<transport::Transport> make_transport(const ClientOptions& options);

}  // namespace tote::registry
