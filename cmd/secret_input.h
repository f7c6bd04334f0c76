// Asking people, which only `login` does: on a terminal, where nothing is shown of a secret.
#pragma once

#include <stop_token>
#include <string>

namespace tote::cmd {

// Whether somebody can be asked.
bool is_stdin_terminal();

enum class Echo { kNo, kYes };
// A line of standard input, asked for by `prompt` on stderr. The terminal is as it was then, also
// after Ctrl-C: Cancelled. Error{kIo} at the end of the input.
std::string ask(const std::string& prompt, Echo echo, const std::stop_token& stop);

// All of standard input but a line break at its end, at most 16 KiB. Error{kUsage} for more.
std::string read_secret();

}  // namespace tote::cmd
