// How imgpkg breaks an error into lines.
#pragma once

#include <string>
#include <string_view>

namespace tote::cmd {

// In the first line of `message`, outside brackets, every ": " before a capital letter becomes a
// line break, each line indented two more than the one before. A closing bracket that nothing
// opened ends the line, as it does in imgpkg.
std::string break_error_lines(std::string_view message);

}  // namespace tote::cmd
