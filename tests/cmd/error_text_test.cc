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

struct Message {
  const char* message;
  const char* want;
};
class ImgpkgErrorLines : public testing::TestWithParam<Message> {};

TEST_P(ImgpkgErrorLines, IsImgpkgs) {
  EXPECT_EQ(imgpkg_error_lines(GetParam().message), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, ImgpkgErrorLines,
    testing::Values(
        Message{"Fetching image: GET http://h/v2/n/manifests/latest: NAME_UNKNOWN: Unknown name",
                "Fetching image:\n  GET http://h/v2/n/manifests/latest:\n    NAME_UNKNOWN:\n      "
                "Unknown "
                "name"},
        Message{"UNAUTHORIZED: no", "UNAUTHORIZED: no"}, Message{"plain", "plain"}, Message{"", ""},
        Message{"A (b: C [d: E]): F", "A (b: C [d: E]):\n  F"},
        Message{"available keychains [aks, ecr]] and more", "available keychains [aks, ecr]"},
        Message{"A: B\nC: D", "A:\n  B\nC: D"}, Message{"open (x: Y", "open (x: Y"},
        Message{"(mixed]: Kinds", "(mixed):\n  Kinds"}));

}  // namespace
}  // namespace tote::cmd
