// What the program ends with.
#pragma once

#include <vector>

namespace tote::cmd {

// A command that runs another one (`-- COMMAND`) ends as that one does.
//
// 2 stays free: imgpkg knows 0 and 1.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,         // usage errors too
  kDifferent = 3,      // compared, and not the same; a --dry-run whose real run would fail
  kInterrupted = 130,  // 128 and SIGINT, as a shell says it
  kNobodyReads = 141,  // 128 and SIGPIPE: stdout was closed before the end
};

struct ExitCodeMeaning {
  ExitCode code;
  const char* when;
};

// Those that every command has. What a command has besides stands in its own list
// (Command::exit_codes); it can end with no other.
const std::vector<ExitCodeMeaning>& common_exit_codes();

}  // namespace tote::cmd
