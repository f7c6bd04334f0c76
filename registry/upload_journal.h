// Where uploads stand that were begun, on the disk, so that a later run can go on with one
// (docs/formats.md, "State of an upload").
#pragma once

#include "base/file.h"
#include "base/mutex.h"
#include "oci/digest.h"
#include "oci/reference.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace tote::registry {

// One upload. Locked against other processes and other uploads of the same blob as long as this
// lives. Nothing here fails: where it can not be written down, a later run begins anew.
class UploadEntry {
 public:
  UploadEntry(FilePtr file, std::filesystem::path path, std::string location)
      : file_(std::move(file)), path_(std::move(path)), location_(std::move(location)) {}

  // The URL of the session; "": none is known. Who knows it may push there: not to be shown.
  const std::string& location() const noexcept { return location_; }
  // "": that session is lost.
  void remember(const std::string& location);
  // The upload is over.
  void forget();

 private:
  FilePtr file_;
  std::filesystem::path path_;
  std::string location_;
};

// Thread-safe.
class UploadJournal {
 public:
  // `directory` is made when it is needed, for its owner alone. If there is none, or others could
  // change it, nothing is written down and nothing believed; `say` is told why, once, by any
  // thread, when there would be something. What is a day old is removed.
  using Say = std::function<void(const std::string& why)>;
  explicit UploadJournal(std::filesystem::path directory, Say say = {});

  // Null: nothing can be written down, or another process goes on with this upload.
  std::unique_ptr<UploadEntry> open(const oci::Repository& repository, const oci::Digest& blob);

 private:
  bool is_ready();
  bool make_directory() const;
  void remove_old() const;

  const std::filesystem::path directory_;
  const Say say_;
  Mutex mutex_;
  bool was_asked_ TOTE_GUARDED_BY(mutex_) = false;
  bool is_ready_ TOTE_GUARDED_BY(mutex_) = false;
};

}  // namespace tote::registry
