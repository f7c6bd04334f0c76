// Templates rendered as Go has rendered them (tests/data/template, written by record.py there).
#include "template/quote.h"
#include "tests/template/render_case.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tote::go_template {
namespace {

std::filesystem::path recordings() {
  return std::filesystem::path(TOTE_TEST_DATA) / "template";
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(recordings()))
    if (entry.path().extension() == ".jsonl") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

// Where two texts begin to differ, and a bit around it.
std::string difference(const std::string& got, const std::string& wanted) {
  constexpr std::size_t kBefore = 30;
  constexpr std::size_t kShown = 200;
  std::size_t at = 0;
  while (at < got.size() && at < wanted.size() && got[at] == wanted[at]) ++at;
  const std::size_t begin = at < kBefore ? 0 : at - kBefore;
  return "got:  " + go_quote(got.substr(begin, kShown)) +
         "\nwant: " + go_quote(wanted.substr(begin, kShown));
}

class RecordedTemplates : public testing::TestWithParam<std::string> {};

TEST_P(RecordedTemplates, ComeOutAsInGo) {
  const std::vector<std::string> lines = lines_of(recordings() / (GetParam() + ".jsonl"));
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const RenderCase recorded = read_case(line);
    const std::string got = render(recorded);
    EXPECT_TRUE(got == recorded.expected) << recorded.text << "\n"
                                          << difference(got, recorded.expected);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecordedTemplates, testing::ValuesIn(families()),
                         [](const auto& family) { return family.param; });

}  // namespace
}  // namespace tote::go_template
