// A working copy that is changed as a whole, or not at all.
#pragma once

#include "base/unique_fd.h"
#include "bundle/working_copy/tree.h"
#include "bundle/working_copy/tree_change.h"

#include <filesystem>

namespace tote::bundle::working_copy {

// Held while a working copy is changed, so that two do not do it at once.
class DirectoryLock {
 public:
  // Error{kUsage} if another process holds it. Error{kIo}.
  explicit DirectoryLock(const std::filesystem::path& directory);

 private:
  UniqueFd directory_;
};

// Does the rest of what an update was broken off in; false: there was none. REQUIRES: the lock
bool finish_update(const std::filesystem::path& directory);

// A directory beside the working copy, or in it where there can be none, for what is to come into
// it: it goes with this object.
//
// commit() makes a second directory of the same files (hard links) beside it, changes that, and
// exchanges the two: nobody sees anything in between, whenever this is killed. Where that can not
// be
// - somebody, us at least, works in the directory; it is a mount point, or holds one; its parent
// can not be written; the file system has no hard links - the steps are written down in the
// directory first, and then done one by one: if that is broken off, finish_update() does the rest.
class DirectoryUpdate {
 public:
  // `directory` is there, and its path without links. Error{kIo}. REQUIRES: the lock
  explicit DirectoryUpdate(std::filesystem::path directory);
  DirectoryUpdate(const DirectoryUpdate&) = delete;
  DirectoryUpdate& operator=(const DirectoryUpdate&) = delete;
  ~DirectoryUpdate();

  // What changes may name as their sources.
  const std::filesystem::path& sources() const noexcept { return sources_; }

  // Error{kIo} if anything in the directory is not as `before` says, which it was when the changes
  // were found; the directory is as it was then, and after any other error before the first step.
  void commit(const TreeChanges& changes, const Identities& before);

 private:
  bool commit_by_exchange(const TreeChanges& changes, const Identities& before);
  void commit_in_place(const TreeChanges& changes, const Identities& before);
  void check(const Identities& before, const std::filesystem::path& directory) const;

  const std::filesystem::path directory_;
  std::filesystem::path sources_;  // empty once it has gone
};

}  // namespace tote::bundle::working_copy
