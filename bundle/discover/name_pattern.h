// Patterns for names of images and paths among values.
#pragma once

#include <string_view>

namespace tote::bundle::discover {

// Whether all of `text` fits: "*" is anything but "/", "**" is anything, "?" one character but "/".
bool fits_pattern(std::string_view pattern, std::string_view text) noexcept;

}  // namespace tote::bundle::discover
