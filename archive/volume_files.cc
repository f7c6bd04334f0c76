#include "archive/volume_files.h"

#include <algorithm>

namespace tote::archive {
namespace {

constexpr std::size_t kKeptOpen = 64;

}  // namespace

FilePtr VolumeFiles::open(std::uint32_t volume) const {
  const Lock lock(mutex_);
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& file) { return file.first == volume; });
  if (found != open_.end()) return found->second;
  open_.emplace_front(volume, File::open(paths_[volume], flags_, 0666));
  if (open_.size() > kKeptOpen) open_.pop_back();
  return open_.front().second;
}

}  // namespace tote::archive
