#include "cmd/cli/terminal_size.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace tote::cmd {

std::optional<TerminalSize> terminal_size(int fd) {
  if (::isatty(fd) != 1) return std::nullopt;
  struct winsize size {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return TerminalSize{};
  return TerminalSize{size.ws_col, size.ws_row};
}

}  // namespace tote::cmd
