#include "chart/ignore_rules.h"

#include "chart/path_pattern.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::chart {
namespace {

using test::ThrowsError;

struct PatternCase {
  const char* pattern;
  const char* name;
  std::optional<bool> matches;
};

class PathPatterns : public testing::TestWithParam<PatternCase> {};

TEST_P(PathPatterns, MatchAsInGo) {
  EXPECT_EQ(matches_path(GetParam().pattern, GetParam().name), GetParam().matches)
      << GetParam().pattern << " " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    Go, PathPatterns,
    testing::Values(
        PatternCase{"abc", "abc", true}, PatternCase{"*", "abc", true},
        PatternCase{"*c", "abc", true}, PatternCase{"a*", "a", true},
        PatternCase{"a*", "ab/c", false}, PatternCase{"a*/b", "abc/b", true},
        PatternCase{"a*/b", "a/c/b", false}, PatternCase{"a*b*c*d*e*/f", "axbxcxdxexxx/f", true},
        PatternCase{"a*b*c*d*e*/f", "axbxcxdxexxx/fff", false},
        PatternCase{"a*b?c*x", "abxbbxdbxebxczzx", true}, PatternCase{"ab[c]", "abc", true},
        PatternCase{"ab[b-d]", "abc", true}, PatternCase{"ab[e-g]", "abc", false},
        PatternCase{"ab[^c]", "abc", false}, PatternCase{"ab[^e-g]", "abc", true},
        PatternCase{"a\\*b", "a*b", true}, PatternCase{"a\\*b", "ab", false},
        PatternCase{"a?b", "a\u00e4b", true}, PatternCase{"a[^a]b", "a\u00e4b", true},
        PatternCase{"a???b", "a\u00e4b", false}, PatternCase{"a?b", "a/b", false},
        PatternCase{"a*b", "a/b", false}, PatternCase{"[\\]a]", "]", true},
        PatternCase{"[x\\-]", "-", true}, PatternCase{"*x", "xxx", true},
        PatternCase{"[]a]", "]", std::nullopt}, PatternCase{"[-]", "-", std::nullopt},
        PatternCase{"[x-]", "x", std::nullopt}, PatternCase{"[a-b-c]", "a", std::nullopt},
        PatternCase{"[", "a", std::nullopt}, PatternCase{"[^bc", "a", std::nullopt},
        PatternCase{"a\\", "a", std::nullopt}, PatternCase{"a[", "ab", std::nullopt},
        PatternCase{"", "", true}, PatternCase{"", "a", false}, PatternCase{"?", "", false}));

struct IgnoreCase {
  const char* rules;
  const char* path;
  bool is_directory;
  bool is_ignored;
};

class IgnoreFiles : public testing::TestWithParam<IgnoreCase> {};

TEST_P(IgnoreFiles, LeaveOutWhatHelmLeavesOut) {
  const IgnoreCase& param = GetParam();
  EXPECT_EQ(IgnoreRules::parse(param.rules, "f").ignores(param.path, param.is_directory),
            param.is_ignored)
      << param.rules << " " << param.path;
}

INSTANTIATE_TEST_SUITE_P(Helm, IgnoreFiles,
                         testing::Values(IgnoreCase{"helm.txt", "helm.txt", false, true},
                                         IgnoreCase{"helm.txt", "a/helm.txt", false, true},
                                         IgnoreCase{"/a.txt", "a.txt", false, true},
                                         IgnoreCase{"/a.txt", "cargo/a.txt", false, false},
                                         IgnoreCase{"*.orig", "x/b.orig", false, true},
                                         IgnoreCase{"cargo/*.txt", "cargo/a.txt", false, true},
                                         IgnoreCase{"cargo/*.txt", "x/cargo/a.txt", false, false},
                                         IgnoreCase{"ci/", "ci", true, true},
                                         IgnoreCase{"ci/", "ci", false, false},
                                         IgnoreCase{"# ci", "ci", true, false},
                                         IgnoreCase{"\r\n  ci  \r\n", "ci", true, true},
                                         IgnoreCase{"!keep", "keep", false, false},
                                         IgnoreCase{"!keep", "other", false, true},
                                         IgnoreCase{"", "templates/.x", false, true},
                                         IgnoreCase{"", "templates/x", false, false},
                                         IgnoreCase{"\xef\xbb\xbf"
                                                    "a",
                                                    "a", false, true}));

TEST(IgnoreRulesTest, SayWhereTheyAreWrong) {
  EXPECT_THAT([] { IgnoreRules::parse("a\n**/b\n", "c/.helmignore"); },
              ThrowsError(ErrorKind::kParse, "c/.helmignore, line 2: '**' is not supported"));
  EXPECT_THAT([] { IgnoreRules::parse("[a", "f"); },
              ThrowsError(ErrorKind::kParse, "f, line 1: '[a' is a malformed pattern"));
}

}  // namespace
}  // namespace tote::chart
