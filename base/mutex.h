// Mutexes whose use clang checks (-Wthread-safety, hack/check_tidy.sh): a member says by
// TOTE_GUARDED_BY which mutex it needs, a function by TOTE_REQUIRES which one its caller holds.
// Standard mutexes underneath.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <stop_token>

#if defined(__clang__)
#define TOTE_THREAD_SAFETY(x) __attribute__((x))
#else
#define TOTE_THREAD_SAFETY(x)
#endif
#define TOTE_GUARDED_BY(mutex) TOTE_THREAD_SAFETY(guarded_by(mutex))
#define TOTE_REQUIRES(mutex) TOTE_THREAD_SAFETY(requires_capability(mutex))
#define TOTE_REQUIRES_SHARED(mutex) TOTE_THREAD_SAFETY(requires_shared_capability(mutex))
// For what the analysis can not follow; the reason stands beside it.
#define TOTE_NO_THREAD_SAFETY_ANALYSIS TOTE_THREAD_SAFETY(no_thread_safety_analysis)

namespace tote {

class TOTE_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() = default;

 private:
  friend class Lock;
  std::mutex mutex_;
};

// Holds a mutex as long as it lives, but for the time between unlock() and lock().
class TOTE_THREAD_SAFETY(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) TOTE_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() TOTE_THREAD_SAFETY(release_capability()) = default;

  void unlock() TOTE_THREAD_SAFETY(release_capability()) { lock_.unlock(); }
  void lock() TOTE_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// Many readers or one writer.
class TOTE_THREAD_SAFETY(capability("mutex")) SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;
  ~SharedMutex() = default;

 private:
  friend class ReadLock;
  friend class WriteLock;
  std::shared_mutex mutex_;
};

class TOTE_THREAD_SAFETY(scoped_lockable) ReadLock {
 public:
  explicit ReadLock(SharedMutex& mutex) TOTE_THREAD_SAFETY(acquire_shared_capability(mutex))
      : lock_(mutex.mutex_) {}
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;
  ~ReadLock() TOTE_THREAD_SAFETY(release_generic_capability()) = default;

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

class TOTE_THREAD_SAFETY(scoped_lockable) WriteLock {
 public:
  explicit WriteLock(SharedMutex& mutex) TOTE_THREAD_SAFETY(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  ~WriteLock() TOTE_THREAD_SAFETY(release_capability()) = default;

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

// What threads wait for. `ready` is called with the lock held; as a lambda that reads guarded
// members it says so itself: [this]() TOTE_REQUIRES(mutex_) { return done_; }.
class Condition {
 public:
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

  // Returns now and then for no reason.
  void wait(Lock& lock) { condition_.wait(lock.lock_); }
  // The analysis does not know that the lock of `ready` is this one.
  template <class Ready>
  void wait(Lock& lock, Ready ready) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    condition_.wait(lock.lock_, ready);
  }
  // What `ready` says at the end; false: a stop was asked for before.
  template <class Ready>
  bool wait(Lock& lock, const std::stop_token& stop, Ready ready) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait(lock.lock_, stop, ready);
  }
  // Also false: the time is over.
  template <class Ready>
  bool wait_for(Lock& lock, std::chrono::nanoseconds time,
                Ready ready) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_for(lock.lock_, time, ready);
  }
  template <class Ready>
  bool wait_for(Lock& lock, const std::stop_token& stop, std::chrono::nanoseconds time,
                Ready ready) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_for(lock.lock_, stop, time, ready);
  }

 private:
  std::condition_variable_any condition_;
};

}  // namespace tote
