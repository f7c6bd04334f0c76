// Names of entries in layers, which anyone may have written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tote::bundle {

// "./a//b/" -> "a/b", "/a" -> "a", "a\b" -> "a/b" (archives made on Windows), "" for the root: a
// relative path without "." and "..", safe below any directory. nullopt for a name that leads out
// by "..", or that is longer than a path can be.
std::optional<std::string> clean_entry_name(std::string_view name);

}  // namespace tote::bundle
