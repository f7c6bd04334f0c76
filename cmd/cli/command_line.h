// How the program was called, as a line that can be typed again.
#pragma once

#include <string>
#include <vector>

namespace tote::cmd {

// For a shell; the values of flags that are secret are left out.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace tote::cmd
