#include "cmd/cli/exit_code.h"

namespace tote::cmd {

const std::vector<ExitCodeMeaning>& common_exit_codes() {
  static const std::vector<ExitCodeMeaning> kCommon = {
      {ExitCode::kDone, "done"},
      {ExitCode::kFailed, "failed, also for wrong use; the error is on stderr"},
      {ExitCode::kInterrupted, "interrupted by Ctrl-C or SIGTERM"},
      {ExitCode::kNobodyReads, "done, but whoever read stdout had closed it before the end"},
  };
  return kCommon;
}

}  // namespace tote::cmd
