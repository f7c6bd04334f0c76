// Which of the rendered images an image among the values is. Internal to combine.
#pragma once

#include "bundle/discover/discovery.h"

#include <vector>

namespace tote::bundle::discover {

inline constexpr const char* kNotRendered = "it is not in what was rendered";

// Those among the values get the name that was rendered, or become optional; `report` tells.
void join_rendered(std::vector<FoundImage>& images, Report& report);

}  // namespace tote::bundle::discover
