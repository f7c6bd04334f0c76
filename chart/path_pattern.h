// Patterns of names as Go's filepath.Match reads them.
#pragma once

#include <optional>
#include <string_view>

namespace tote::chart {

// "*" and "?" stop at "/"; "[a-z]", "[^a-z]"; a backslash takes away the meaning of what follows.
// Nothing if the pattern is malformed: a bracket that nothing closes, a backslash at the end.
std::optional<bool> matches_path(std::string_view pattern, std::string_view name);

}  // namespace tote::chart
