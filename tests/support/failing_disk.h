// A disk that fails at one step after the other (base/disk.h).
#pragma once

#include "base/disk.h"
#include "base/error.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <functional>

namespace tote::test {

// Calls `attempt` with its first step failing, then its second, and so on, until it needs no more
// steps; an Error{kIo} that comes of it is what has to come. After each, and with the disk in order
// again, `check` is told whether it failed. Returns how many steps there were.
inline int fail_at_every_step(const std::function<void()>& attempt,
                              const std::function<void(bool failed)>& check) {
  for (int failing = 1;; ++failing) {
    SCOPED_TRACE(failing);
    std::atomic<int> step = 0;
    bool failed = false;
    {
      const DiskFaults faults([&](DiskStep what, std::string_view) {
        if (++step != failing) return 0;
        return what == DiskStep::kWrite ? ENOSPC : EIO;
      });
      try {
        attempt();
      } catch (const Error& error) {
        failed = true;
        EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
      }
    }
    check(failed);
    if (step < failing || testing::Test::HasFatalFailure()) return failing - 1;
  }
}

}  // namespace tote::test
