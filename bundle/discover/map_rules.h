// Images that are a mapping of their parts: rules V0, V1, V2, V7, V8.
#pragma once

#include "bundle/discover/values_scope.h"

#include <string_view>

namespace tote::bundle::discover {

// Whether a mapping has parts of an image among its keys (which may all be empty).
bool has_image_parts(const chart::Value& map);
// Whether none of those that name one has a text.
bool names_no_image(const chart::Value& map);

// What stands under a key that says that it is an image: V0 inherited, V1 with a repository, V2 a
// name whose registry and namespace are at the root, V7 more repositories with the same tag. False:
// it has no parts of an image.
bool take_image_map(const MapScope& scope);

// Switches in a mapping that is no image ("config.ubiOnly") with which a template changes one.
void report_modifiers_outside(const MapScope& scope);

// Any other mapping that has a repository and a tag: V8. False: it is none.
bool take_plain_map(const MapScope& scope, std::string_view key);

}  // namespace tote::bundle::discover
