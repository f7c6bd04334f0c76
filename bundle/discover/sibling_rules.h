// Images whose parts are texts side by side: rules V4, V5, V6, and names behind a hub (V9).
#pragma once

#include "bundle/discover/values_scope.h"

namespace tote::bundle::discover {

// Looks at the texts of a mapping whose keys say "image": "image", "controllerImage" with
// "controllerImageVersion", "imageName" with "imageTag", "webhook_image_repository" and so on.
void take_sibling_images(const MapScope& scope);

}  // namespace tote::bundle::discover
