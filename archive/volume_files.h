// The files of a set of volumes, of which only those used last are open: there may be thousands.
#pragma once

#include "base/file.h"
#include "base/mutex.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <utility>
#include <vector>

namespace tote::archive {

// Thread-safe.
class VolumeFiles {
 public:
  // With open(2)'s `flags`. An empty path: REQUIRES: nobody asks for that one.
  VolumeFiles(std::vector<std::filesystem::path> paths, int flags)
      : paths_(std::move(paths)), flags_(flags) {}

  const std::filesystem::path& path(std::uint32_t volume) const { return paths_[volume]; }
  // Error{kIo}.
  FilePtr open(std::uint32_t volume) const;

 private:
  const std::vector<std::filesystem::path> paths_;
  const int flags_;
  mutable Mutex mutex_;
  mutable std::deque<std::pair<std::uint32_t, FilePtr>> open_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::archive
