// The program without its process: arguments in, exit code out (cmd/cli/exit_code.h).
#pragma once

#include "base/environment.h"
#include "cmd/cli/terminal_size.h"

#include <functional>
#include <iosfwd>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::cmd {

// How the program was called, and what it has of the process.
struct Invocation {
  std::string program;  // the name it was called by
  std::vector<std::string> arguments;
  const Environment& environment;
  bool is_terminal = false;  // whether `out` is one
  std::ostream& out;
  std::ostream& err;
  std::stop_token stop = {};
  // What `err` is at the moment; nullopt: no terminal. Any thread.
  std::function<std::optional<TerminalSize>()> err_terminal = [] { return std::nullopt; };
};

// Returns the exit code.
int run_program(const Invocation& invocation);

}  // namespace tote::cmd
