// Structured parallelism: a fixed pool of threads, and groups that own the tasks they start.
#pragma once

#include "base/mutex.h"

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace tote {

// Thread-safe. Callers own their work through TaskGroup: the destructor drops what is queued.
class ThreadPool {
 public:
  // REQUIRES: threads > 0
  explicit ThreadPool(std::size_t threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() = default;

  std::size_t size() const noexcept { return workers_.size(); }

 private:
  friend class TaskGroup;
  struct Job {
    const void* group;
    std::function<void()> body;
  };

  void submit(Job job);
  // Runs one queued job of `group`; false if there was none.
  bool run_one_of(const void* group);
  void work(std::stop_token stop);

  Mutex mutex_;
  Condition ready_;
  std::deque<Job> queue_ TOTE_GUARDED_BY(mutex_);
  std::vector<std::jthread> workers_;  // last: joined before the queue dies
};

// The first failure wins: it asks the siblings to stop and is rethrown by wait() after every task
// has returned; later ones are dropped. No task outlives its group.
// run() is for any thread, wait() for the one that made the group.
class TaskGroup {
 public:
  TaskGroup(ThreadPool& pool, std::stop_token parent);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();  // asks for a stop and waits; wait() is how failures are seen

  // A task that has not begun when a stop is asked for never begins.
  void run(std::function<void(std::stop_token)> task);

  // Runs this group's queued tasks while it waits, so a task may itself use a group on the same
  // pool. Throws the first failure, or Cancelled if the parent was stopped.
  void wait();

 private:
  void finish_one(std::exception_ptr failure) noexcept;
  void drain();

  ThreadPool& pool_;
  std::stop_token parent_;
  std::stop_source stop_;
  Mutex mutex_;
  Condition idle_;
  std::size_t running_ TOTE_GUARDED_BY(mutex_) = 0;
  std::exception_ptr first_failure_ TOTE_GUARDED_BY(mutex_);
  std::stop_callback<std::function<void()>> on_parent_stop_;
};

}  // namespace tote
