// Paths among values as people write them.
#pragma once

#include "bundle/discover/found_image.h"

#include <optional>
#include <string_view>

namespace tote::bundle::discover {

// The inverse of path_text(): `sidecars[0].image`, `a."b.c".d`. Nothing for what is no path.
std::optional<ValuePath> parse_path(std::string_view text);

}  // namespace tote::bundle::discover
