// Programs named docker-credential-NAME, which know passwords (the protocol of docker's credential
// helpers: the registry on stdin, JSON on stdout).
#pragma once

#include "registry/credentials.h"

#include <optional>
#include <stop_token>
#include <string>

namespace tote::registry {

// What `docker-credential-<helper> get` says of `key`; nullopt: it has nothing. A helper that fails
// is asked `tries` times, two seconds apart. Throws Error{kUnauthorized} when it failed for good,
// Error{kParse} for a name or an answer that is none, Error{kIo} when it can not be run.
std::optional<Credentials> ask_helper(const std::string& helper, const std::string& key, int tries,
                                      const std::stop_token& stop);

}  // namespace tote::registry
