// kbld's search rules at work.
#pragma once

#include "bundle/discover/found_image.h"
#include "bundle/discover/kbld_config.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// The first rule that a value matches; null: none. `path` leads to it; `key` is that of its map,
// or empty for an item of a list.
const KbldRule* first_match(const std::vector<KbldRule>& rules, const ValuePath& path,
                            std::string_view key, std::string_view value);

struct InnerText {
  std::size_t offset;  // in the outer text, in bytes
  std::size_t length;
};

// What the rules find in a text that is JSON or, if that may be, YAML; nothing in another text.
// What does not stand there as it reads (it has escapes in it) is left out.
std::vector<InnerText> find_inside(std::string_view text, const std::vector<KbldRule>& rules);

}  // namespace tote::bundle::discover
