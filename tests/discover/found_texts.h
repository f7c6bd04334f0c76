// Images as sorted texts: "r.io/a:1 R2 high", with why they are optional behind ": ".
#pragma once

#include "bundle/discover/found_image.h"

#include <algorithm>
#include <string>
#include <vector>

namespace tote::bundle::discover {

inline std::string text_of(const FoundImage& image) {
  std::string text = image.candidates.front().str() + " " + image.rule + " " +
                     std::string(name_of(image.certainty));
  return image.optional.empty() ? text : text + ": " + image.optional;
}

inline std::vector<std::string> texts_of(const std::vector<FoundImage>& images) {
  std::vector<std::string> texts;
  for (const FoundImage& image : images) texts.push_back(text_of(image));
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace tote::bundle::discover
