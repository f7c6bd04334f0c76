// The program without its process: arguments in, exit code out.
#pragma once

#include <iosfwd>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::cmd {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitInterrupted = 130;  // 128 and SIGINT, as a shell says it
inline constexpr int kExitNobodyReads = 141;  // 128 and SIGPIPE: stdout was closed before the end

// `program` is the name it was called by; `is_terminal`: whether `out` is one.
int run_program(const std::string& program, std::vector<std::string> arguments, bool is_terminal,
                std::ostream& out, std::ostream& err, std::stop_token stop);

}  // namespace tote::cmd
