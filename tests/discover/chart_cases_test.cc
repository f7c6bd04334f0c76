// Small charts that are written like real ones, and everything that is found in each.
#include "base/text.h"
#include "bundle/discover/values_scan.h"
#include "tests/discover/shown_discovery.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

using testing::UnorderedElementsAreArray;

Discovery scan(const std::string& name, const chart::UserValues& user = {}) {
  const auto chart = chart::load_chart(std::string(TOTE_TEST_DATA) + "/charts/" + name + "/chart");
  return scan_values(chart::configure_chart(chart, chart::read_user_values(user)));
}

std::vector<std::string> expected(const std::string& name) {
  std::vector<std::string> lines;
  for (const std::string& line : split(test::read_data("charts/" + name + "/expected.txt"), '\n'))
    if (!line.empty() && !line.starts_with("#")) lines.push_back(line);
  return lines;
}

class ChartCases : public testing::TestWithParam<const char*> {};

TEST_P(ChartCases, HaveTheseImagesAndNoOthers) {
  EXPECT_THAT(shown(scan(GetParam())), UnorderedElementsAreArray(expected(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Charts, ChartCases,
                         testing::Values("t05-postgresql", "t06-redis-operator", "t11-eck-operator",
                                         "t13-nifikop", "t14-cloudnative-pg"));

}  // namespace
}  // namespace tote::bundle::discover
