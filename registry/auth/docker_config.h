// Credentials from the files of docker (config.json) and podman (auth.json): auths, credHelpers,
// credsStore.
#pragma once

#include "base/environment.h"
#include "oci/reference.h"
#include "registry/auth/credential_helper.h"
#include "registry/auth/credentials.h"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

// The files that there are, in the order in which they are read: $DOCKER_CONFIG/config.json or
// $HOME/.docker/config.json, $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json,
// $XDG_CONFIG_HOME/containers/auth.json or $HOME/.config/containers/auth.json.
std::vector<std::string> docker_config_paths(const Environment& environment);

// The first file that says something decides; anonymous where none does. A helper that is not
// installed says nothing: Credentials::missing_helper names it. Throws Error{kUnauthorized} for one
// that fails, Error{kParse} for a file or an entry that can not be read.
Credentials docker_credentials(const Environment& environment, const oci::Repository& repository,
                               CredentialHelpers& helpers, std::stop_token stop);

// Of one file's text. An entry is for a host, or for the repositories below a path on it; of those
// that are for `repository` the one with the longest path that says something wins. Docker Hub's
// entries may be called docker.io, index.docker.io or https://index.docker.io/v1/.
Credentials credentials_in_config(std::string_view config, std::string_view origin,
                                  const oci::Repository& repository, CredentialHelpers& helpers,
                                  std::stop_token stop = {});

}  // namespace tote::registry
