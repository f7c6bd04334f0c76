#include "bundle/discover/name_pattern.h"

#include <cstddef>

namespace tote::bundle::discover {
namespace {

// A place to go back to: the last "*" that may take one character more.
struct Star {
  std::size_t pattern = 0;                    // behind it
  std::size_t text = std::string_view::npos;  // that it has not taken yet; npos: there is no star
};

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view text) noexcept {
  Star one;   // "*"
  Star many;  // "**"
  std::size_t p = 0;
  std::size_t t = 0;
  while (t < text.size() || p < pattern.size()) {
    if (pattern.substr(p).starts_with("**")) {
      p += 2;
      many = Star{p, t};
      one = {};
    } else if (pattern.substr(p).starts_with('*')) {
      one = Star{++p, t};
    } else if (p < pattern.size() && t < text.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
      ++p;
      ++t;
    } else if (one.text < text.size() && text[one.text] != '/') {
      p = one.pattern;
      t = ++one.text;
    } else if (many.text < text.size()) {
      p = many.pattern;
      t = ++many.text;
      one = {};
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tote::bundle::discover
