#include "base/interrupt.h"
#include "cmd/run_program.h"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <unistd.h>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error like others
  const tote::InterruptScope interrupt;
  const std::string program =
      argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("tote");
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return tote::cmd::run_program(program, arguments, ::isatty(STDOUT_FILENO) == 1, std::cout,
                                std::cerr, interrupt.token());
}
