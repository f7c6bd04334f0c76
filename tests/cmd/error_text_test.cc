#include "cmd/cli/error_text.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

struct Row {
  std::vector<std::string> frames;
  const char* want;
};
class ErrorLines : public testing::TestWithParam<Row> {};

TEST_P(ErrorLines, AreImgpkgs) {
  EXPECT_EQ(error_lines(GetParam().frames), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, ErrorLines,
    testing::Values(Row{{"Fetching image", "GET http://h/v2/n/manifests/latest", "NAME_UNKNOWN",
                         "Unknown name"},
                        "Fetching image:\n  GET http://h/v2/n/manifests/latest:\n    "
                        "NAME_UNKNOWN:\n      Unknown name"},
                    Row{{"UNAUTHORIZED", "no"}, "UNAUTHORIZED: no"}, Row{{"plain"}, "plain"},
                    Row{{""}, ""}, Row{{"A", "B\nC: D"}, "A:\n  B\nC: D"},
                    Row{{"A", "b", "C"}, "A: b:\n  C"}, Row{{"A (b: C)"}, "A (b: C)"},
                    Row{{"A", ""}, "A: "}));

}  // namespace
}  // namespace tote::cmd
