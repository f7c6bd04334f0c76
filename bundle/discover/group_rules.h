// References where nothing says that they are images: rule V10.
#pragma once

#include "bundle/discover/values_scope.h"

#include <string_view>

namespace tote::bundle::discover {

// A text with a host that has a dot, a path, and a tag that is more than a port, or a digest.
bool is_strong_reference(std::string_view text);

// A text under any key that is such a reference. What is said to be an artifact is reported only.
void take_strong_reference(const MapScope& scope, std::string_view key, const chart::Value& value);

// A text in a group of images: a whole reference, or a repository with the tag of the group.
// `scope` is that of the text itself.
void take_of_images(const MapScope& scope, std::string_view key, const chart::Value& value);

}  // namespace tote::bundle::discover
