// Patterns of names and paths.
#pragma once

#include <string_view>

namespace tote::testregistry {

// '*' stands for a part of one component, "**" for anything; nothing else is special.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace tote::testregistry
