// Keeps the repositories of the directory storage readable as OCI image layouts
// (image-layout.md): blobs are hard links, made with the blobs; index.json is written a moment
// after a change, and at the end. Part of DirectoryStorage.
#pragma once

#include "base/mutex.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_repository.h"

#include <functional>
#include <set>
#include <string_view>
#include <thread>

namespace tote::testregistry {

class LayoutKeeper {
 public:
  // `files` and `log` must outlive it. Each repository that `on_start` names is looked at once, in
  // the background: it may have changed in a process that was killed.
  // `take_over_rest` looks again at a layout that was dropped in and was not there whole; true: now
  // it is. Called about once a second, on the keeper's thread.
  using TakeOverRest = std::function<bool(const DirectoryRepositoryPtr&)>;
  LayoutKeeper(const DirectoryFiles& files, const std::function<void(std::string_view)>& log,
               TakeOverRest take_over_rest)
      : files_(files), log_(log), take_over_rest_(std::move(take_over_rest)) {}
  ~LayoutKeeper();  // writes what is outstanding

  // `at_start` runs first, on the keeper's thread, and is given the token of its end.
  void start(std::function<void(const std::stop_token&)> at_start);
  // index.json no longer says what is there, or will not when the caller gives the repository's
  // lock back. Thread-safe, cheap.
  void mark(DirectoryRepositoryPtr repository);
  // Thread-safe.
  void look_again(DirectoryRepositoryPtr repository);
  // Marks it if index.json is older than the records.
  void mark_if_stale(const DirectoryRepositoryPtr& repository);

 private:
  void work(const std::stop_token& stop);
  void write_marked();
  void take_over_unfinished();
  void write_index(DirectoryRepository& repository) const;

  const DirectoryFiles& files_;
  const std::function<void(std::string_view)>& log_;
  const TakeOverRest take_over_rest_;
  Mutex mutex_;
  Condition changed_;
  std::set<DirectoryRepositoryPtr> marked_ TOTE_GUARDED_BY(mutex_);
  std::set<DirectoryRepositoryPtr> unfinished_ TOTE_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace tote::testregistry
