// How an error is broken into lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

// The frames of an Error joined by ": ". One that begins with a capital letter stands on a line of
// its own, indented two more than the one before.
std::string error_lines(const std::vector<std::string>& frames);

// What imgpkg makes of a message, for its name: it looks at the text alone. Its first line is
// broken at every ": " before a capital letter outside of brackets; a closing bracket closes what
// is open, whatever its kind, and one too many ends the line.
std::string imgpkg_error_lines(std::string_view message);

}  // namespace tote::cmd
