#include "base/task_group.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace tote {
namespace {

TEST(TaskGroup, RunsEverything) {
  ThreadPool pool(4);
  std::atomic<int> done = 0;
  TaskGroup group(pool, {});
  for (int i = 0; i < 1000; ++i) group.run([&](std::stop_token) { ++done; });
  group.wait();
  EXPECT_EQ(done, 1000);
}

TEST(TaskGroup, NestsOnOneThread) {
  ThreadPool pool(1);
  std::atomic<int> done = 0;
  TaskGroup outer(pool, {});
  for (int i = 0; i < 10; ++i)
    outer.run([&](std::stop_token stop) {
      TaskGroup inner(pool, stop);
      for (int j = 0; j < 10; ++j) inner.run([&](std::stop_token) { ++done; });
      inner.wait();
    });
  outer.wait();
  EXPECT_EQ(done, 100);
}

TEST(TaskGroup, StopsSiblingsAfterTheFirstFailureAndThrowsIt) {
  ThreadPool pool(2);
  TaskGroup group(pool, {});
  // Ends only when it is asked to.
  group.run([](std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any asked;
    std::unique_lock lock(mutex);
    asked.wait(lock, stop, [] { return false; });
  });
  group.run([](std::stop_token) { throw Error(ErrorKind::kIo, "first"); });
  EXPECT_THAT([&] { group.wait(); }, test::ThrowsError(ErrorKind::kIo, "first"));
}

TEST(TaskGroup, StopsWithItsParent) {
  ThreadPool pool(2);
  std::stop_source parent;
  TaskGroup group(pool, parent.get_token());
  group.run([&](std::stop_token stop) {
    parent.request_stop();
    EXPECT_TRUE(stop.stop_requested());
  });
  EXPECT_THROW(group.wait(), Cancelled);
}

TEST(TaskGroup, StopsItsTasksAndWaitsForThemWhenItIsDropped) {
  ThreadPool pool(1);
  std::latch begun(1);
  std::atomic<bool> over = false;
  std::atomic<bool> second = false;
  {
    TaskGroup group(pool, {});
    group.run([&](std::stop_token stop) {
      begun.count_down();
      std::mutex mutex;
      std::condition_variable_any asked;
      std::unique_lock lock(mutex);
      asked.wait(lock, stop, [] { return false; });
      // Long enough for whoever would not wait to be found out.
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      over = true;
    });
    group.run([&](std::stop_token) { second = true; });
    begun.wait();
  }
  EXPECT_TRUE(over) << "the group was gone before its task";
  EXPECT_FALSE(second) << "what has not begun never begins";
}

}  // namespace
}  // namespace tote
