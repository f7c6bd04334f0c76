#include "cmd/cli/interrupt.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <unistd.h>

namespace tote::cmd {
namespace {

TEST(InterruptScope, TurnsSigintIntoAStopRequest) {
  const InterruptScope scope;
  EXPECT_FALSE(scope.token().stop_requested());
  ::kill(::getpid(), SIGINT);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, scope.token(), [] { return false; });
  EXPECT_TRUE(scope.token().stop_requested());
}

TEST(InterruptScope, CanBeMadeAgain) {
  { const InterruptScope first; }
  const InterruptScope second;
  EXPECT_FALSE(second.token().stop_requested());
}

}  // namespace
}  // namespace tote::cmd
