// What an entry of a docker configuration is called, and which repositories it is for.
#pragma once

#include "oci/reference.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace tote::registry {

// Whether the entry called `key` is for `repository`, and how closely: the length of the path that
// both share, 0 for an entry of the whole host. A key is a host with or without a path, and with
// or without the scheme and the "/v1/" or "/v2/" that old tools write.
std::optional<std::size_t> match_config_key(std::string_view key,
                                            const oci::Repository& repository);

}  // namespace tote::registry
