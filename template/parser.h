// From the text of a template to trees.
#pragma once

#include "template/node.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tote::go_template {

// Nested actions and parentheses that a template may have; Go has no bound.
inline constexpr std::size_t kMaxParseDepth = 1000;

using Trees = std::map<std::string, TreePtr, std::less<>>;

// The trees of `text`: its own under `name` and those that it defines. Error{kParse} with Go's
// words: "template: NAME:3: unexpected EOF".
Trees parse_trees(const std::string& name, std::string_view text,
                  const std::function<bool(std::string_view)>& has_function);

}  // namespace tote::go_template
