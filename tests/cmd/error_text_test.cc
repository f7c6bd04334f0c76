#include "cmd/error_text.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

struct Row {
  const char* message;
  const char* want;
};
class BreakErrorLines : public testing::TestWithParam<Row> {};

TEST_P(BreakErrorLines, IsImgpkgs) {
  EXPECT_EQ(break_error_lines(GetParam().message), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, BreakErrorLines,
    testing::Values(
        Row{"Fetching image: GET http://h/v2/n/manifests/latest: NAME_UNKNOWN: Unknown name",
            "Fetching image:\n  GET http://h/v2/n/manifests/latest:\n    NAME_UNKNOWN:\n      "
            "Unknown "
            "name"},
        Row{"UNAUTHORIZED: no", "UNAUTHORIZED: no"}, Row{"plain", "plain"}, Row{"", ""},
        Row{"A (b: C [d: E]): F", "A (b: C [d: E]):\n  F"},
        Row{"available keychains [aks, ecr]] and more", "available keychains [aks, ecr]"},
        Row{"A: B\nC: D", "A:\n  B\nC: D"}, Row{"open (x: Y", "open (x: Y"},
        Row{"(mixed]: Kinds", "(mixed):\n  Kinds"}));

}  // namespace
}  // namespace tote::cmd
