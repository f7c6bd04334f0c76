// Two stages of one job after the other, on two threads.
#pragma once

#include "base/error.h"
#include "base/mutex.h"

#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>

namespace tote {

// The caller prepares jobs, a thread of the pipeline's own finishes them in the same order. Jobs
// are reused, so that what they have allocated is. For one caller's thread.
template <class Job, std::size_t kJobs = 4>
class Pipeline {
 public:
  explicit Pipeline(std::function<void(Job&)> finish_job)
      : finish_job_(std::move(finish_job)),
        worker_([this](const std::stop_token& stop) { work(stop); }) {}
  // Jobs that have not been begun are dropped.

  // The job to prepare; waits until one is free. Throws what finishing an earlier one threw.
  Job& next() {
    Lock lock(mutex_);
    changed_.wait(
        lock, [this]() TOTE_REQUIRES(mutex_) { return submitted_ - finished_ < kJobs || failed_; });
    rethrow();
    return jobs_[submitted_ % kJobs];
  }

  // Hands over the job that next() returned last.
  void submit() {
    {
      const Lock lock(mutex_);
      ++submitted_;
    }
    changed_.notify_all();
  }

  // Waits until all jobs are finished. Throws what one of them threw.
  void drain() {
    Lock lock(mutex_);
    changed_.wait(lock,
                  [this]() TOTE_REQUIRES(mutex_) { return submitted_ == finished_ || failed_; });
    rethrow();
  }

 private:
  void rethrow() TOTE_REQUIRES(mutex_) {
    if (!failed_) return;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    throw Error(ErrorKind::kInternal, "a pipeline is used after it has failed");
  }

  void work(const std::stop_token& stop) {
    for (;;) {
      Job* job = nullptr;
      {
        Lock lock(mutex_);
        if (!changed_.wait(lock, stop,
                           [this]() TOTE_REQUIRES(mutex_) { return submitted_ != finished_; }))
          return;
        if (stop.stop_requested()) return;
        job = &jobs_[finished_ % kJobs];
      }
      if (!finish(*job)) return;
    }
  }

  bool finish(Job& job) {
    std::exception_ptr failure;
    try {
      finish_job_(job);
    } catch (...) {
      failure = std::current_exception();
    }
    const bool done = !failure;
    {
      const Lock lock(mutex_);
      finished_ += done ? 1 : 0;
      failed_ = !done;
      failure_ = std::move(failure);
    }
    changed_.notify_all();
    return done;
  }

  std::function<void(Job&)> finish_job_;
  std::array<Job, kJobs> jobs_;
  Mutex mutex_;
  Condition changed_;
  std::size_t submitted_ TOTE_GUARDED_BY(mutex_) = 0;
  std::size_t finished_ TOTE_GUARDED_BY(mutex_) = 0;
  bool failed_ TOTE_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ TOTE_GUARDED_BY(mutex_);
  std::jthread worker_;  // last: joined before the rest goes
};

}  // namespace tote
