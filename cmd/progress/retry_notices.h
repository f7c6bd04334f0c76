// What people hear of a wait before another try: a copy that waits looks like one that hangs.
#pragma once

#include "base/clock.h"
#include "base/retry.h"
#include "cmd/cli/ui.h"

namespace tote::cmd {

// Of a rate limit, which stops many requests at once, one is told until the pause is over. Nothing
// when the Ui is quiet, but for programs. The Ui and the clock must outlive it.
RetryListener announce_retries(Ui& ui, Clock& clock = system_clock());

}  // namespace tote::cmd
