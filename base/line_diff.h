// Which lines differ between two texts, by Myers' algorithm in linear space ("An O(ND) Difference
// Algorithm and Its Variations", 1986), and how `diff -u` writes that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

// Lines [old_begin, old_end) of the old text give way to [new_begin, new_end) of the new one; one
// of the two may be empty. Numbers are from 0.
struct LineChange {
  std::size_t old_begin;
  std::size_t old_end;
  std::size_t new_begin;
  std::size_t new_end;

  friend bool operator==(const LineChange&, const LineChange&) = default;
};

// Each with its line break; the last one may have none, and then differs from one that has.
std::vector<std::string_view> split_lines(std::string_view text);

// Whether it is none that has lines, as git tells: by a NUL near its beginning.
bool is_binary(std::string_view text) noexcept;

// In order, with lines that are the same between them. As few lines as can be, up to about a
// thousand of them; where more have changed in one place it may be more, so that the time stays
// proportional to the number of lines.
// REQUIRES: fewer than 2^31 lines in each
std::vector<LineChange> diff_lines(const std::vector<std::string_view>& before,
                                   const std::vector<std::string_view>& after);

// The hunks of a unified diff, "" for texts that are the same. Without the two lines that name the
// files. `context`: how many lines are shown around what has changed.
std::string unified_diff(std::string_view before, std::string_view after, std::size_t context = 3);

}  // namespace tote
