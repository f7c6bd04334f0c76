// Credentials from docker's config.json (or podman's auth.json): auths, credHelpers, credsStore.
#pragma once

#include "oci/reference.h"
#include "registry/credentials.h"

#include <stop_token>
#include <string>
#include <string_view>

namespace tote::registry {

// The file that counts: $DOCKER_CONFIG/config.json or $HOME/.docker/config.json, else
// $REGISTRY_AUTH_FILE, else $XDG_RUNTIME_DIR/containers/auth.json; empty when there is none.
std::string docker_config_path();

// Anonymous where the file says nothing. Runs docker-credential-<name> where the file names a
// helper, trying again five times, two seconds apart. Throws Error{kUnauthorized}, Error{kParse}.
Credentials docker_credentials(const oci::Repository& repository, std::stop_token stop);

// The parts that tests reach one by one.
Credentials credentials_in_config(std::string_view config, std::string_view origin,
                                  const oci::Repository& repository, std::stop_token stop = {});

}  // namespace tote::registry
