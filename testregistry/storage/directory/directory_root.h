// The directory that a registry keeps everything in, while a process has it. Part of
// DirectoryStorage.
#pragma once

#include "base/file.h"
#include "testregistry/storage/directory/directory_files.h"

namespace tote::testregistry {

// kIfPossible: nobody will change anything through the storage, so a directory that can not be
// written to will do.
enum class Writing { kAlways, kIfPossible };

// Made if it is not there. One process at a time may have it. Throws Error{kIo}, and Error{kUsage}
// for a directory that holds other things than a registry.
class DirectoryRoot {
 public:
  DirectoryRoot(const DirectoryFiles& files, Writing writing);

  bool is_writable() const { return is_writable_; }

 private:
  void check() const;
  void lock(Writing writing);
  void prepare() const;

  const DirectoryFiles& files_;
  UniqueFd lock_;
  bool is_writable_ = true;
};

}  // namespace tote::testregistry
