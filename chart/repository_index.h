// index.yaml of a classic repository of charts, on a web server.
#pragma once

#include "base/version.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote::chart {

inline constexpr std::uint64_t kMaxIndexSize = 64U << 20U;  // bytes

struct IndexEntry {
  std::string version;
  std::vector<std::string> urls;  // that the index has for it; may be relative
  std::string digest = {};        // 64 hex digits; empty: none is given
};

// The entry of a chart that `wanted` means, as Helm chooses: one with exactly this version, else
// the highest in this range; empty: the highest that is no prerelease. What is marked as removed,
// and what has no version or no URL, does not count. Error{kParse} for what is no index, kNotFound
// for a chart or version that it does not have, with those that it has.
IndexEntry find_in_index(std::string_view index, const std::string& origin,
                         const std::string& chart, const std::string& wanted);

// Those of the tags of a repository that are versions; in a tag '_' stands for '+'.
std::vector<std::string> versions_among(std::vector<std::string> tags);
// Which of these versions `wanted` means, likewise; -1: none.
std::ptrdiff_t choose_version(const std::vector<std::string>& versions, const std::string& wanted);

}  // namespace tote::chart
