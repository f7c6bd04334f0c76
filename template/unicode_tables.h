// Ranges of characters, and how they are searched; for template/unicode*.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tote::go_template {

// Every `step`th code from `first` to `last`.
struct CodeRange {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t step;
};

// The same, whose counterpart is `distance` further.
struct CaseRange {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t step;
  std::int32_t distance;
};

// The range that has `code`; nullptr: none. Ranges are in order.
template <class Range, std::size_t size>
const Range* find_range(const std::array<Range, size>& ranges, char32_t code) noexcept {
  const auto behind =
      std::upper_bound(ranges.begin(), ranges.end(), code,
                       [](char32_t wanted, const Range& range) { return wanted < range.first; });
  if (behind == ranges.begin()) return nullptr;
  const Range& range = *(behind - 1);
  return code <= range.last && (code - range.first) % range.step == 0 ? &range : nullptr;
}

}  // namespace tote::go_template
