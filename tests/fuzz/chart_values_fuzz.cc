// Values of anybody: the first line is one of --set, the second a range of versions, the rest the
// defaults of a chart whose templates say the same text.
#include "base/version_range.h"
#include "bundle/discover/values_scan.h"
#include "chart/user_values.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;

std::string take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void check_range(const std::string& text) {
  const VersionRange range = VersionRange::parse(text);
  range.contains({});
  if (const auto version = Version::parse(text))
    fuzz::require(Version::parse(version->str()) == version, "a version stays what it is");
}

void check_values(const std::string& set, std::string_view text) {
  chart::UserValues user;
  if (!set.empty()) user.sets.push_back(set);
  chart::ChartBudget budget;
  const std::string all(text);
  const chart::ChartPtr chart =
      chart::load_chart({"fuzz",
                         {{"Chart.yaml", "name: a\nversion: 1.2.3\nappVersion: v1\n"},
                          {"templates/a.yaml", all},
                          {"values.yaml", all}}},
                        budget);
  const auto configured = chart::configure_chart(chart, chart::read_user_values(user));
  for (const auto& image : bundle::discover::scan_values(configured).images)
    fuzz::require(!image.candidates.empty(), "an image has a name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::as_view(data, size);
  const std::string set = take_line(text);
  const std::string range = take_line(text);
  fuzz::allow_errors([&] { check_range(range); });
  fuzz::allow_errors([&] { check_values(set, text); });
  return 0;
}
