#include "base/task_group.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>
#include <thread>
#include <vector>

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

TEST(ThreadPool, StartsNoMoreThreadsThanThereIsWork) {
  ThreadPool pool(1000);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 20; ++i) {
    TaskGroup group(pool, {});
    for (int k = 0; k < 3; ++k)
      group.run([&](std::stop_token) {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      });
    group.wait();
  }
  EXPECT_LE(threads.size(), 60U);
}

TEST(ThreadPool, RunsAsMuchAtATimeAsItHasThreads) {
  constexpr int kThreads = 20;
  ThreadPool pool(kThreads);
  std::latch all(kThreads);
  TaskGroup group(pool, {});
  for (int i = 0; i < kThreads; ++i) group.run([&](std::stop_token) { all.arrive_and_wait(); });
  all.wait();
  group.wait();
}

// As many jobs as are useful wait for each other; then more are.
TEST(ThreadPool, StartsThreadsAsTheyBecomeUseful) {
  std::atomic<std::size_t> useful = 2;
  ThreadPool pool(8, [&] { return useful.load(); });
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (const std::size_t expected : {2U, 5U, 8U}) {
    useful = expected == 8 ? 100 : expected;
    std::latch all(static_cast<std::ptrdiff_t>(expected));
    TaskGroup group(pool, {});
    for (std::size_t i = 0; i < 50; ++i)
      group.run([&, i](std::stop_token) {
        if (i < expected) all.arrive_and_wait();
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      });
    all.wait();
    group.wait();
    threads.erase(std::this_thread::get_id());
    EXPECT_EQ(threads.size(), expected);
  }
}

TEST(ForEachIndex, RunsNoMoreAtATimeThanItIsTold) {
  ThreadPool pool(8);
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  std::vector<int> calls(100);
  for_each_index(calls.size(), 3, pool, {}, [&](std::size_t i, const std::stop_token&) {
    int seen = most;
    const int running = ++now;
    while (seen < running && !most.compare_exchange_weak(seen, running)) {
    }
    ++calls[i];
    --now;
  });
  EXPECT_LE(most, 3);
  EXPECT_EQ(calls, std::vector<int>(100, 1));
}

TEST(ForEachIndex, EndsWithTheFirstFailure) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  const auto fail = [&](std::size_t, const std::stop_token&) {
    ++calls;
    throw Error(ErrorKind::kIo, "first");
  };
  EXPECT_THROW(for_each_index(100, 2, pool, {}, fail), Error);
  EXPECT_LE(calls, 2);
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
