#include "bundle/discover/name_pattern.h"

#include <gmock/gmock.h>

#include <string>

namespace tote::bundle::discover {
namespace {

TEST(NamePatterns, Fit) {
  for (const auto& [pattern, text] : {std::pair("", ""),
                                      {"a", "a"},
                                      {"*", "abc"},
                                      {"*", ""},
                                      {"**", "a/b"},
                                      {"r.io/*:1", "r.io/x:1"},
                                      {"r.io/**", "r.io/a/b:1"},
                                      {"**/x:*", "r.io/a/x:1"},
                                      {"?.io", "r.io"},
                                      {"a*b*c", "aXbYbc"},
                                      {"**b*c", "a/b/bXc"},
                                      {"***", "a/b"},
                                      {"*/*", "a/b"},
                                      {"a**c", "ac"}})
    EXPECT_TRUE(fits_pattern(pattern, text)) << pattern << " " << text;
}

TEST(NamePatterns, DoNotFit) {
  for (const auto& [pattern, text] : {std::pair("", "a"),
                                      {"a", ""},
                                      {"*", "a/b"},
                                      {"r.io/*", "r.io/a/b"},
                                      {"?", "/"},
                                      {"?", ""},
                                      {"a*b", "a/b"},
                                      {"r.io/x", "r.io/x:1"},
                                      {"**/x", "x"},
                                      {"[a]", "a"}})
    EXPECT_FALSE(fits_pattern(pattern, text)) << pattern << " " << text;
}

TEST(NamePatterns, ThatHaveManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "**a*a";
  EXPECT_FALSE(fits_pattern(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace tote::bundle::discover
