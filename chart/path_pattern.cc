#include "chart/path_pattern.h"

#include "base/text.h"

#include <cstdint>

namespace tote::chart {
namespace {

// One character: its bytes if they are UTF-8, else one of them.
std::string_view take_character(std::string_view& text) {
  const std::size_t length = utf8_length(text);
  const std::string_view taken = text.substr(0, length == 0 ? 1 : length);
  text.remove_prefix(taken.size());
  return taken;
}

// One end of a range in brackets; empty: malformed.
std::string_view take_of_class(std::string_view& pattern) {
  if (pattern.empty() || pattern.front() == '-' || pattern.front() == ']') return {};
  if (pattern.front() == '\\') pattern.remove_prefix(1);
  return pattern.empty() ? std::string_view() : take_character(pattern);
}

struct ClassMatch {
  bool is_valid;
  bool matches;
};

// Behind the "[". UTF-8 keeps the order of characters.
ClassMatch take_class(std::string_view& pattern, std::string_view character) {
  const bool is_negated = pattern.starts_with('^');
  if (is_negated) pattern.remove_prefix(1);
  bool is_inside = false;
  for (bool is_first = true;; is_first = false) {
    if (!is_first && pattern.starts_with(']')) {
      pattern.remove_prefix(1);
      return {true, is_inside != is_negated};
    }
    const std::string_view low = take_of_class(pattern);
    std::string_view high = low;
    if (!low.empty() && pattern.starts_with('-')) {
      pattern.remove_prefix(1);
      high = take_of_class(pattern);
    }
    if (low.empty() || high.empty()) return {false, false};
    is_inside = is_inside || (low <= character && character <= high);
  }
}

bool is_well_formed(std::string_view pattern) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '\\') {
      if (pattern.empty()) return false;
      pattern.remove_prefix(1);
    } else if (c == '[' && !take_class(pattern, "x").is_valid) {
      return false;
    }
  }
  return true;
}

// What is no "*", against one character of the name.
bool take_one(std::string_view& pattern, std::string_view& name) {
  if (name.empty()) return false;
  const char c = pattern.front();
  const std::string_view character = take_character(name);
  if (c == '?') {
    pattern.remove_prefix(1);
    return character != "/";
  }
  if (c == '[') {
    pattern.remove_prefix(1);
    return take_class(pattern, character).matches;
  }
  if (c == '\\') pattern.remove_prefix(1);
  return take_character(pattern) == character;
}

}  // namespace

std::optional<bool> matches_path(std::string_view pattern, std::string_view name) {
  if (!is_well_formed(pattern)) return std::nullopt;
  // To go on from if what follows the last "*" does not match: that one takes one more.
  std::optional<std::string_view> pattern_behind_star;
  std::string_view name_at_star;
  while (!pattern.empty() || !name.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      pattern_behind_star = pattern;
      name_at_star = name;
      continue;
    }
    if (!pattern.empty() && take_one(pattern, name)) continue;
    if (!pattern_behind_star || name_at_star.empty() || name_at_star.front() == '/') return false;
    take_character(name_at_star);
    pattern = *pattern_behind_star;
    name = name_at_star;
  }
  return true;
}

}  // namespace tote::chart
