// Which bytes of something are settled, as they become so in any order.
#pragma once

#include <cstdint>
#include <map>

namespace tote::archive {

// Not thread-safe.
class SettledRanges {
 public:
  void add(std::uint64_t offset, std::uint64_t size);
  // Everything from 0 up to here is.
  std::uint64_t up_to() const noexcept { return up_to_; }

 private:
  std::uint64_t up_to_ = 0;
  std::map<std::uint64_t, std::uint64_t> later_;  // begin and end of those behind a gap
};

}  // namespace tote::archive
