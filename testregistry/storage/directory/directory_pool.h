// Where every blob of the directory storage is once, and the names that repositories give to what
// is in it. Part of DirectoryStorage.
#pragma once

#include "base/mutex.h"
#include "oci/digest.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_repository.h"
#include "testregistry/storage/upkeep.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <sys/stat.h>

namespace tote::testregistry {

// Thread-safe. Throws Error{kIo}.
class DirectoryPool {
 public:
  // `files` must outlive it.
  explicit DirectoryPool(const DirectoryFiles& files) : files_(files) {}

  std::string path(const oci::Digest& digest) const;

  // ---- under the repository's lock ----
  // Makes the verified file `aside`, which goes, a blob of the repository.
  void adopt(DirectoryRepository& repository, const std::string& aside, const oci::Digest& digest);
  // Gives the file `from` that name in the repository; false: it has gone.
  bool link(DirectoryRepository& repository, const std::string& from, const oci::Digest& digest);
  // A blob that is a manifest of the repository too stays when that goes.
  void note_blob(DirectoryRepository& repository, const oci::Digest& digest) const;
  bool drop(DirectoryRepository& repository, const oci::Digest& digest) const;

  // ---- accounts ----
  void on_growth(Upkeep::OnGrowth call);
  // Counts what was there before; beside requests.
  void count(const std::stop_token& stop);
  Stored stored() const;

  // ---- garbage collection ----
  // Removes the files that `takes` takes, which is called while nobody can give them another name;
  // `before_each` without that.
  using Takes = std::function<bool(const std::string& path, const struct stat& info)>;
  void sweep(const std::function<void()>& before_each, const Takes& takes);

 private:
  void grew(const DirectoryRepository& repository, std::int64_t bytes) const;

  const DirectoryFiles& files_;
  // Shared by those who give a file another name, held by who removes one.
  SharedMutex mutex_;
  mutable Mutex growth_mutex_;
  Upkeep::OnGrowth on_growth_ TOTE_GUARDED_BY(growth_mutex_);
  // Right once count() has run.
  std::atomic<std::int64_t> blobs_ = 0;
  std::atomic<std::int64_t> bytes_ = 0;
};

}  // namespace tote::testregistry
