#include "cmd/cli/interrupt.h"
#include "cmd/run_program.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace {

// Or the first file that is opened would take the place of a closed stdout, and be written into.
// What is put there can not be written to, so that it is noticed if something should be.
void fill_closed_descriptors() {
  while (true) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd > STDERR_FILENO) ::close(fd);
    if (fd < 0 || fd > STDERR_FILENO) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  fill_closed_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of whoever writes
  const tote::cmd::InterruptScope interrupt;
  const std::string program =
      argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("tote");
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const tote::Environment environment = tote::Environment::of_process();
  return tote::cmd::run_program(
      {.program = program,
       .arguments = arguments,
       .environment = environment,
       .is_terminal = ::isatty(STDOUT_FILENO) == 1,
       .out = std::cout,
       .err = std::cerr,
       .stop = interrupt.token(),
       .err_terminal = [] { return tote::cmd::terminal_size(STDERR_FILENO); }});
}
