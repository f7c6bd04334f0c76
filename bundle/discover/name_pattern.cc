#include "bundle/discover/name_pattern.h"

#include <cstddef>
#include <optional>

namespace tote::bundle::discover {
namespace {

// A place to go back to: the last "*" that may take one character more.
struct Star {
  std::size_t pattern;  // behind it
  std::size_t text;     // that it has not taken yet
};

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::optional<Star> one;   // "*"
  std::optional<Star> many;  // "**"
  std::size_t p = 0;
  std::size_t t = 0;
  while (t < text.size() || p < pattern.size()) {
    if (pattern.substr(p).starts_with("**")) {
      p += 2;
      many = Star{p, t};
      one.reset();
    } else if (pattern.substr(p).starts_with('*')) {
      one = Star{++p, t};
    } else if (p < pattern.size() && t < text.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
      ++p;
      ++t;
    } else if (one && one->text < text.size() && text[one->text] != '/') {
      p = one->pattern;
      t = ++one->text;
    } else if (many && many->text < text.size()) {
      p = many->pattern;
      t = ++many->text;
      one.reset();
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tote::bundle::discover
