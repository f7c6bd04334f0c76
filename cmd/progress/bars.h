// Progress on a terminal: a line for each blob that is on its way, and one for all of them.
#pragma once

#include "cmd/cli/terminal_size.h"
#include "cmd/progress/tally.h"

#include <string>
#include <vector>

namespace tote::cmd {

// ASCII; no line fills the terminal's width, and there is room for more below them. The last line
// is the total. Depends on nothing else.
std::vector<std::string> bars(const Tally& tally, Tally::Time now, TerminalSize terminal);

}  // namespace tote::cmd
