#include "cmd/cli/suggest.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using Strings = std::vector<std::string>;

struct Row {
  const char* name;
  const char* typed;
  Strings names;
  Strings similar;
};
class Similar : public testing::TestWithParam<Row> {};

TEST_P(Similar, NamesComeClosestFirst) {
  EXPECT_EQ(similar(GetParam().typed, GetParam().names), GetParam().similar);
}

INSTANTIATE_TEST_SUITE_P(
    All, Similar,
    testing::Values(
        Row{"Swapped", "cpoy", {"copy", "pull"}, {"copy"}},
        Row{"Missing", "resolv", {"resolve", "list"}, {"resolve"}},
        Row{"Extra", "pulll", {"pull", "push"}, {"pull"}},
        Row{"Other", "pusj", {"push", "pull"}, {"push"}},
        Row{"TwoWrong", "descibre", {"describe"}, {"describe"}},
        Row{"ThreeWrong", "dezcibra", {"describe"}, {}},
        Row{"TwoWrongInAShortWord", "nope", {"copy"}, {}},
        Row{"Beginning", "cosign", {"cosign-signatures", "tar"}, {"cosign-signatures"}},
        Row{"End", "username", {"registry-username", "tar"}, {"registry-username"}},
        Row{"NotTheMiddle", "ca", {"registry-ca-cert-path"}, {}},
        Row{"ClosestFirst",
            "to-ta",
            {"to-tag", "to-tar-x", "tota"},
            {"to-tag", "tota", "to-tar-x"}},
        Row{"AtMostThree", "tag1", {"tag2", "tag3", "tag4", "tag5"}, {"tag2", "tag3", "tag4"}},
        Row{"CaseAside", "PULL", {"pull"}, {"pull"}},
        Row{"Once", "pul", {"pull", "pull"}, {"pull"}}, Row{"Letter", "x", {"xy", "z"}, {}},
        Row{"Nothing", "", {"a", "ab"}, {}}, Row{"Equal", "tar", {"tar"}, {"tar"}}),
    [](const auto& row) { return row.param.name; });

TEST(Similar, IsNotLookedForInLongText) {
  EXPECT_TRUE(similar(std::string(1'000'000, 'a'), {std::string(1'000'000, 'a')}).empty());
}

TEST(DidYouMean, IsASentence) {
  EXPECT_EQ(did_you_mean({}), "");
  EXPECT_EQ(did_you_mean({"tar"}, "--"), "did you mean '--tar'?");
  EXPECT_EQ(did_you_mean({"a", "b"}), "did you mean 'a' or 'b'?");
  EXPECT_EQ(did_you_mean({"a", "b", "c"}), "did you mean 'a', 'b' or 'c'?");
}

}  // namespace
}  // namespace tote::cmd
