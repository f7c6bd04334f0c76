// Keeps the repositories of the directory storage readable as OCI image layouts
// (image-layout.md): blobs are hard links, made with the blobs; index.json is written a moment
// after a change, and at the end. Part of DirectoryStorage.
#pragma once

#include "testregistry/directory_files.h"
#include "testregistry/directory_repository.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>

namespace tote::testregistry {

class LayoutKeeper {
 public:
  // `files` and `log` must outlive it. Each repository that `on_start` names is looked at once, in
  // the background: it may have changed in a process that was killed.
  LayoutKeeper(const DirectoryFiles& files, const std::function<void(std::string_view)>& log)
      : files_(files), log_(log) {}
  ~LayoutKeeper();  // writes what is outstanding

  // `at_start` runs first, on the keeper's thread, and is given the token of its end.
  void start(std::function<void(const std::stop_token&)> at_start);
  // index.json no longer says what is there, or will not when the caller gives the repository's
  // lock back. Thread-safe, cheap.
  void mark(DirectoryRepositoryPtr repository);
  // Marks it if index.json is older than the records.
  void mark_if_stale(const DirectoryRepositoryPtr& repository);

 private:
  void work(const std::stop_token& stop);
  void write_marked();
  void write_index(DirectoryRepository& repository) const;

  const DirectoryFiles& files_;
  const std::function<void(std::string_view)>& log_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<DirectoryRepositoryPtr> marked_;  // guarded by mutex_
  std::jthread thread_;                      // last: it uses the rest
};

}  // namespace tote::testregistry
