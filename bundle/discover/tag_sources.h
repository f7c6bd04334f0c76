// Where the tag of an image comes from that has none of its own.
#pragma once

#include "bundle/discover/image_parts.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

struct TagChoice {
  std::vector<std::string> candidates = {};
  ValuePath place = {};  // of a tag that is written elsewhere; empty: where the image has its own
  bool is_of_templates = false;  // they name this place for this very image
  Certainty certainty = Certainty::kHigh;
  std::string code = {};
  std::string problem = {};  // why there is none; empty: there are candidates
};

// The tag of its group; global.image.tag, defaultImageTag; a version at the root that templates use
// for images; the version of the app, with or without a "v", as the templates have it.
TagChoice choose_tag_elsewhere(const MapScope& scope, const std::string& name,
                               const ImageParts& parts);

// The version at the root or under global that templates use for images; nothing if there is none.
Part find_used_version(const ChartScope& chart);

}  // namespace tote::bundle::discover
