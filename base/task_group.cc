#include "base/task_group.h"

#include "base/error.h"
#include "base/mutex.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <utility>

namespace tote {

ThreadPool::~ThreadPool() {
  std::vector<std::jthread> workers;
  {
    const Lock lock(mutex_);
    workers.swap(workers_);
  }
  // Joined here, before the queue dies.
}

void ThreadPool::submit(Job job) {
  {
    const Lock lock(mutex_);
    queue_.push_back(std::move(job));
    start_workers();
  }
  ready_.notify_one();
}

void ThreadPool::start_workers() {
  if (queue_.size() <= idle_ || workers_.size() == most_threads_) return;
  std::size_t most = most_threads_;
  if (useful_) most = std::clamp<std::size_t>(useful_(), 1, most_threads_);
  for (std::size_t lack = queue_.size() - idle_; lack > 0 && workers_.size() < most; --lack)
    if (!start_worker()) return;
}

// A system that has no thread left is no failure while there is one.
bool ThreadPool::start_worker() {
  try {
    workers_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
    return true;
  } catch (const std::system_error&) {
    if (!workers_.empty()) return false;
    queue_.pop_back();
    throw;
  }
}

bool ThreadPool::run_one_of(const void* group) {
  std::function<void()> body;
  {
    const Lock lock(mutex_);
    const auto found = std::find_if(queue_.begin(), queue_.end(),
                                    [group](const Job& job) { return job.group == group; });
    if (found == queue_.end()) return false;
    body = std::move(found->body);
    queue_.erase(found);
  }
  body();
  return true;
}

void ThreadPool::work(std::stop_token stop) {
  for (;;) {
    std::function<void()> body;
    {
      Lock lock(mutex_);
      ++idle_;
      const bool has_work =
          ready_.wait(lock, stop, [this]() TOTE_REQUIRES(mutex_) { return !queue_.empty(); });
      --idle_;
      if (!has_work) return;
      body = std::move(queue_.front().body);
      queue_.pop_front();
      if (useful_) start_workers();
    }
    body();
  }
}

TaskGroup::TaskGroup(ThreadPool& pool, std::stop_token parent)
    : pool_(pool),
      parent_(parent),
      on_parent_stop_(std::move(parent), [this] { stop_.request_stop(); }) {}

TaskGroup::~TaskGroup() {
  stop_.request_stop();
  drain();
}

void TaskGroup::run(std::function<void(std::stop_token)> task) {
  {
    const Lock lock(mutex_);
    ++running_;
  }
  auto body = [this, task = std::move(task)] {
    std::exception_ptr failure;
    try {
      if (!stop_.stop_requested()) task(stop_.get_token());
    } catch (...) {
      failure = std::current_exception();
    }
    finish_one(std::move(failure));
  };
  try {
    pool_.submit({this, std::move(body)});
  } catch (...) {
    finish_one(nullptr);
    throw;
  }
}

void TaskGroup::finish_one(std::exception_ptr failure) noexcept {
  if (failure) {
    {
      const Lock lock(mutex_);
      // Moved: who rethrows it is then the only one to hold it.
      if (!first_failure_) first_failure_ = std::move(failure);
    }
    // Outside the mutex, since a stop callback may belong to another group; before the count goes
    // down, since the group may be gone after that.
    stop_.request_stop();
  }
  const Lock lock(mutex_);
  if (--running_ == 0) idle_.notify_all();
}

void TaskGroup::drain() {
  while (pool_.run_one_of(this)) {
  }
  Lock lock(mutex_);
  idle_.wait(lock, [this]() TOTE_REQUIRES(mutex_) { return running_ == 0; });
}

void TaskGroup::wait() {
  drain();
  const Lock lock(mutex_);
  if (first_failure_) std::rethrow_exception(std::exchange(first_failure_, nullptr));
  if (parent_.stop_requested()) throw Cancelled();
}

void for_each_index(std::size_t count, std::size_t most, ThreadPool& pool, std::stop_token parent,
                    const std::function<void(std::size_t, const std::stop_token&)>& body) {
  std::atomic<std::size_t> next = 0;
  TaskGroup group(pool, std::move(parent));
  for (std::size_t i = 0; i < std::min(most, count); ++i)
    group.run([&](const std::stop_token& stop) {
      for (std::size_t index = next++; index < count && !stop.stop_requested(); index = next++)
        body(index, stop);
    });
  group.wait();
}

}  // namespace tote
