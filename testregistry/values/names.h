// What repositories and tags may be called (OCI distribution specification 1.1, "Pulling
// manifests").
#pragma once

#include <string_view>

namespace tote::testregistry {

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*, at most 255 bytes. Such
// a name is also safe as a relative path.
bool is_repository_name(std::string_view name) noexcept;
// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}. Safe as a file name.
bool is_tag_name(std::string_view tag) noexcept;

}  // namespace tote::testregistry
