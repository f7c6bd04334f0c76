// How imgpkg breaks an error into lines.
#pragma once

#include <string>
#include <vector>

namespace tote::cmd {

// The frames of an Error joined by ": ". One that begins with a capital letter stands on a line of
// its own, indented two more than the one before.
std::string error_lines(const std::vector<std::string>& frames);

}  // namespace tote::cmd
