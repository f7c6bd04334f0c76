// Two maps side by side.
#pragma once

#include "bundle/diff.h"

#include <map>
#include <optional>
#include <string>

namespace tote::bundle {

// Calls `found` with each key that has another value, or none, on one side.
template <class Value, class Found>
void compare_maps(const std::map<std::string, Value>& before,
                  const std::map<std::string, Value>& after, Found found) {
  auto left = before.begin();
  auto right = after.begin();
  while (left != before.end() || right != after.end()) {
    const bool is_removed =
        right == after.end() || (left != before.end() && left->first < right->first);
    const bool is_added =
        left == before.end() || (right != after.end() && right->first < left->first);
    if (is_removed) {
      found(Change::kRemoved, left->first, std::optional(left->second), std::optional<Value>());
      ++left;
    } else if (is_added) {
      found(Change::kAdded, right->first, std::optional<Value>(), std::optional(right->second));
      ++right;
    } else {
      if (!(left->second == right->second))
        found(Change::kChanged, left->first, std::optional(left->second),
              std::optional(right->second));
      ++left;
      ++right;
    }
  }
}

}  // namespace tote::bundle
