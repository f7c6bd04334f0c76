// Whether a registry takes somebody's credentials, before they are stored anywhere. Whoever logs in
// includes this alone, and gets the store with it.
#pragma once

#include "registry/auth/credentials.h"
#include "registry/auth/login_store.h"
#include "registry/client.h"

#include <stop_token>
#include <string>

namespace tote::registry {

// Asks the registry ("registry.example:5000") for /v2/ with these credentials and no others,
// whatever the options say of those. False: it let us in without having asked who we are, so that
// nothing is known of them. Throws RegistryError, Error, Cancelled.
bool check_login(const ClientOptions& options, const std::string& registry, const Credentials& who,
                 std::stop_token stop);

}  // namespace tote::registry
