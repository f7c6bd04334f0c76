#include "base/standard_input.h"

#include "base/error.h"

#include <cerrno>
#include <unistd.h>

namespace tote {

std::size_t StandardInput::read_some(MutableBytes out) {
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, out.data(), out.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) throw io_error("read standard input");
  }
}

}  // namespace tote
