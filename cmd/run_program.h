// The program without its process: arguments in, exit code out (cmd/cli/exit_code.h).
#pragma once

#include <iosfwd>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::cmd {

// `program` is the name it was called by; `is_terminal`: whether `out` is one.
int run_program(const std::string& program, std::vector<std::string> arguments, bool is_terminal,
                std::ostream& out, std::ostream& err, std::stop_token stop);

}  // namespace tote::cmd
