// Structured parallelism: a pool of threads, and groups that own the tasks they start.
#pragma once

#include "base/mutex.h"

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace tote {

// Thread-safe. Callers own their work through TaskGroup: the destructor drops what is queued.
class ThreadPool {
 public:
  // Threads are started when there is work that no other has time for. `useful`, if there is one,
  // says how many would not merely wait for one another; it is asked by any thread, while work
  // waits, and may say more later. REQUIRES: most_threads > 0
  explicit ThreadPool(std::size_t most_threads, std::function<std::size_t()> useful = {})
      : most_threads_(most_threads), useful_(std::move(useful)) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  // How many threads there may be.
  std::size_t size() const noexcept { return most_threads_; }

 private:
  friend class TaskGroup;
  struct Job {
    const void* group;
    std::function<void()> body;
  };

  void submit(Job job);
  void start_workers() TOTE_REQUIRES(mutex_);
  bool start_worker() TOTE_REQUIRES(mutex_);
  // Runs one queued job of `group`; false if there was none.
  bool run_one_of(const void* group);
  void work(std::stop_token stop);

  const std::size_t most_threads_;
  const std::function<std::size_t()> useful_;
  Mutex mutex_;
  Condition ready_;
  std::deque<Job> queue_ TOTE_GUARDED_BY(mutex_);
  std::size_t idle_ TOTE_GUARDED_BY(mutex_) = 0;  // workers that wait for a job
  std::vector<std::jthread> workers_ TOTE_GUARDED_BY(mutex_);
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

// Calls `body(i, stop)` for each i below `count`, `most` of them at a time, where each needs much
// of something: memory, a disk. Fails and stops as a TaskGroup does. REQUIRES: most > 0
void for_each_index(std::size_t count, std::size_t most, ThreadPool& pool, std::stop_token parent,
                    const std::function<void(std::size_t, const std::stop_token&)>& body);

}  // namespace tote
