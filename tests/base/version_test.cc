#include "base/version.h"

#include "base/version_range.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote {
namespace {

using test::ThrowsError;

TEST(VersionTest, IsReadLeniently) {
  const std::vector<std::pair<const char*, const char*>> versions{
      {"1.2.3", "1.2.3"},         {"v1.2.3", "1.2.3"},
      {"1.2", "1.2.0"},           {"1", "1.0.0"},
      {"01.02.3", "1.2.3"},       {"1.2.3-rc.1+b.7", "1.2.3-rc.1+b.7"},
      {"1.0-beta", "1.0.0-beta"}, {"1.2.3+1", "1.2.3+1"}};
  for (const auto& [text, want] : versions) {
    const std::optional<Version> version = Version::parse(text);
    ASSERT_TRUE(version) << text;
    EXPECT_EQ(version->str(), want);
  }
}

TEST(VersionTest, RefusesWhatIsNone) {
  for (const char* text : {"", "v", "1.2.3.4", "1..2", "a.b.c", "1.2.3-", "1.2.3-01", "1.2.3+",
                           "1.2.3 ", "1.2.x", "-1", "1.2.3-a..b", "18446744073709551616"})
    EXPECT_FALSE(Version::parse(text)) << text;
}

TEST(VersionTest, StrictOnesHaveThreeNumbersAndNothingInFront) {
  EXPECT_TRUE(Version::parse_strict("1.2.3-rc.1+5"));
  for (const char* text : {"v1.2.3", "1.2", "01.2.3"})
    EXPECT_FALSE(Version::parse_strict(text)) << text;
}

TEST(VersionTest, HasThePrecedenceOfSemVer) {
  const std::vector<const char*> in_order{
      "0.9.9",      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
      "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
      "1.0.0",      "1.0.1",        "1.2.0",         "1.10.0",
      "2.0.0"};
  for (std::size_t i = 0; i < in_order.size(); ++i)
    for (std::size_t j = 0; j < in_order.size(); ++j)
      EXPECT_EQ(*Version::parse(in_order[i]) <=> *Version::parse(in_order[j]), i <=> j)
          << in_order[i] << " " << in_order[j];
}

TEST(VersionTest, DoesNotCountWhatStandsBehindThePlus) {
  EXPECT_EQ(*Version::parse("1.2.3+a"), *Version::parse("1.2.3+b"));
}

struct RangeCase {
  const char* range;
  std::vector<const char*> inside;
  std::vector<const char*> outside;
};

class Ranges : public testing::TestWithParam<RangeCase> {};

TEST_P(Ranges, HoldWhatMastermindsSemverSays) {
  const VersionRange range = VersionRange::parse(GetParam().range);
  for (const char* version : GetParam().inside)
    EXPECT_TRUE(range.contains(*Version::parse(version))) << GetParam().range << " " << version;
  for (const char* version : GetParam().outside)
    EXPECT_FALSE(range.contains(*Version::parse(version))) << GetParam().range << " " << version;
}

INSTANTIATE_TEST_SUITE_P(
    Operators, Ranges,
    testing::Values(
        RangeCase{"", {"0.0.0", "9.9.9"}, {"1.0.0-rc.1"}},
        RangeCase{"*", {"0.0.0", "9.9.9"}, {"1.0.0-rc.1"}},
        RangeCase{"*-0", {"1.0.0", "1.0.0-rc.1"}, {}}, RangeCase{"x", {"3.1.4"}, {}},
        RangeCase{"1.2.3", {"1.2.3", "1.2.3+b"}, {"1.2.4", "1.2.3-a"}},
        RangeCase{"=1.2.3", {"1.2.3"}, {"1.2.2"}}, RangeCase{"v1.2.3", {"1.2.3"}, {"1.2.2"}},
        RangeCase{"1.2", {"1.2.0", "1.2.9"}, {"1.3.0", "1.1.9"}},
        RangeCase{"1.2.x", {"1.2.0", "1.2.9"}, {"1.3.0"}},
        RangeCase{"1.35.*", {"1.35.1"}, {"1.36.0", "1.34.9"}},
        RangeCase{"2.x.x", {"2.0.0", "2.31.4"}, {"1.9.9", "3.0.0"}},
        RangeCase{"1", {"1.0.0", "1.9.9"}, {"2.0.0", "0.9.9"}},
        RangeCase{"!=1.2.3", {"1.2.4", "1.2.3-a"}, {"1.2.3"}},
        RangeCase{"!=1.2", {"1.3.0", "2.2.0"}, {"1.2.0", "1.2.7"}},
        RangeCase{"!=1", {"2.0.0"}, {"1.0.0", "1.7.7"}},
        RangeCase{">1.2.3", {"1.2.4", "2.0.0"}, {"1.2.3", "1.2.2"}},
        RangeCase{">1.2", {"1.3.0"}, {"1.2.9", "1.2.0"}}, RangeCase{">1", {"2.0.0"}, {"1.9.9"}},
        RangeCase{"<1.2", {"1.1.9"}, {"1.2.0"}}, RangeCase{">=1.2", {"1.2.0", "3.0.0"}, {"1.1.9"}},
        RangeCase{"=>1.2", {"1.2.0"}, {"1.1.9"}}, RangeCase{"<=1.2", {"1.2.9", "0.1.0"}, {"1.3.0"}},
        RangeCase{"=<1", {"1.9.9"}, {"2.0.0"}}, RangeCase{"<=1.2.3", {"1.2.3"}, {"1.2.4"}},
        RangeCase{"~1.2.3", {"1.2.3", "1.2.9"}, {"1.2.2", "1.3.0"}},
        RangeCase{"~1.2", {"1.2.0", "1.2.9"}, {"1.3.0"}},
        RangeCase{"~1", {"1.0.0", "1.9.0"}, {"2.0.0"}}, RangeCase{"~>1.2.3", {"1.2.9"}, {"1.3.0"}},
        RangeCase{"~0.0.0", {"7.0.0"}, {}},
        RangeCase{"^1.2.3", {"1.2.3", "1.9.9"}, {"1.2.2", "2.0.0"}},
        RangeCase{"^1", {"1.0.0", "1.9.9"}, {"2.0.0"}},
        RangeCase{"^0.2.3", {"0.2.9"}, {"0.3.0", "0.2.2"}},
        RangeCase{"^0.2", {"0.2.0", "0.2.9"}, {"0.3.0"}}, RangeCase{"^0.0.3", {"0.0.3"}, {"0.0.4"}},
        RangeCase{"^0.0", {"0.0.9"}, {"0.1.0"}}, RangeCase{"^0", {"0.9.9"}, {"1.0.0"}},
        RangeCase{"^*", {"7.0.0"}, {}}));

INSTANTIATE_TEST_SUITE_P(
    Combinations, Ranges,
    testing::Values(RangeCase{">=1 <2", {"1.0.0", "1.9.9"}, {"2.0.0", "0.9.9"}},
                    RangeCase{">= 1, < 2", {"1.5.0"}, {"2.0.0"}},
                    RangeCase{">=1,<2", {"1.5.0"}, {"2.0.0"}},
                    RangeCase{"1 - 2", {"1.0.0", "2.9.9"}, {"0.9.9", "3.0.0"}},
                    RangeCase{"1.2.3 - 2.0.0", {"1.2.3", "2.0.0"}, {"2.0.1"}},
                    RangeCase{"1 || 3.x", {"1.1.1", "3.1.1"}, {"2.0.0"}},
                    RangeCase{"<1 || >=2 <3", {"0.5.0", "2.5.0"}, {"1.5.0", "3.0.0"}},
                    RangeCase{"1.0 - 1.2 || 5", {"1.2.7", "5.5.5"}, {"1.3.0"}}));

INSTANTIATE_TEST_SUITE_P(
    Prereleases, Ranges,
    testing::Values(RangeCase{">=1.0.0", {"1.0.0"}, {"1.1.0-rc.1"}},
                    RangeCase{">=1.0.0-0", {"1.1.0-rc.1", "1.0.0-alpha"}, {"0.9.0"}},
                    RangeCase{"^1.0.0-0", {"1.5.0-rc.1", "1.0.0-a"}, {"2.0.0"}},
                    RangeCase{"^1.0.0", {}, {"1.5.0-rc.1"}},
                    RangeCase{">=1.0.0-0 <2", {"1.5.0"}, {"1.5.0-rc.1"}},
                    RangeCase{">=1.0.0-0 <2.0.0-0", {"1.5.0-rc.1"}, {"2.0.0"}},
                    RangeCase{
                        "~1.2.3-beta.2", {"1.2.3-beta.4", "1.2.9"}, {"1.2.3-beta.1", "1.3.0"}},
                    RangeCase{"1.2.3-rc.1", {"1.2.3-rc.1"}, {"1.2.3", "1.2.3-rc.2"}}));

TEST(VersionRangeTest, RefusesWhatIsNone) {
  for (const char* text : {"abc", "1.2.3.4", ">", ">= ", "1.2.3 foo", "1,", ">=1 &&", "^^1", "1..2",
                           "1 |  2", "1.2.3-", ".x"})
    EXPECT_THAT([&] { VersionRange::parse(text); },
                ThrowsError(ErrorKind::kParse, "is no range of versions"))
        << text;
}

TEST(VersionRangeTest, FindsTheHighest) {
  const std::vector<Version> versions{*Version::parse("1.2.0"), *Version::parse("1.10.0"),
                                      *Version::parse("2.0.0"), *Version::parse("1.11.0-rc.1")};
  EXPECT_EQ(VersionRange::parse("^1").highest(versions)->str(), "1.10.0");
  EXPECT_EQ(VersionRange::parse("^1-0").highest(versions)->str(), "1.11.0-rc.1");
  EXPECT_EQ(VersionRange::parse("3").highest(versions), nullptr);
}

}  // namespace
}  // namespace tote
