// How large a terminal is.
#pragma once

#include <cstddef>
#include <optional>

namespace tote::cmd {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Of the terminal that `fd` is, at this moment; one that does not say is 80 by 24. nullopt: it is
// none.
std::optional<TerminalSize> terminal_size(int fd);

}  // namespace tote::cmd
