#include "testregistry/values/name_pattern.h"

#include <cstddef>
#include <vector>

namespace tote::testregistry {

// Linear in the pattern for each character of the name: `at[i]` says whether the first i characters
// of the pattern can stand for what has been read of the name.
bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::vector<char> at(pattern.size() + 1, 0);
  at[0] = 1;
  const auto skip_stars = [&] {  // a star may stand for nothing
    for (std::size_t i = 0; i < pattern.size(); ++i)
      if (at[i] && pattern[i] == '*') at[i + 1] = 1;
  };
  skip_stars();
  for (const char c : name) {
    std::vector<char> next(at.size(), 0);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (!at[i]) continue;
      const bool is_double = pattern.substr(i).starts_with("**");
      const bool is_second = pattern[i] == '*' && i > 0 && pattern[i - 1] == '*';
      if (pattern[i] != '*' && pattern[i] == c) next[i + 1] = 1;
      if (pattern[i] == '*' && (c != '/' || is_double || is_second)) next[i] = 1;
    }
    at.swap(next);
    skip_stars();
  }
  return at[pattern.size()] != 0;
}

}  // namespace tote::testregistry
