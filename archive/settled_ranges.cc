#include "archive/settled_ranges.h"

#include <algorithm>

namespace tote::archive {

void SettledRanges::add(std::uint64_t offset, std::uint64_t size) {
  std::uint64_t& end = later_[offset];
  end = std::max(end, offset + size);
  while (!later_.empty() && later_.begin()->first <= up_to_) {
    up_to_ = std::max(up_to_, later_.begin()->second);
    later_.erase(later_.begin());
  }
}

}  // namespace tote::archive
