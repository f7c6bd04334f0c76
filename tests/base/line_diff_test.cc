#include "base/line_diff.h"

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tote {
namespace {

using test::TempDir;

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// What `diff -u` writes behind the names.
std::string diff_of_system(const TempDir& dir, const std::string& before,
                           const std::string& after) {
  test::write_text(dir / "before", before);
  test::write_text(dir / "after", after);
  const std::string text =
      test::run({"diff", "-u", "-d", (dir / "before").string(), (dir / "after").string()}).out;
  const std::size_t hunks = text.find("@@");
  return hunks == std::string::npos ? "" : text.substr(hunks);
}

std::string patched(const TempDir& dir, const std::string& before, const std::string& hunks) {
  test::write_text(dir / "file", before);
  test::write_text(dir / "patch", "--- file\n+++ file\n" + hunks);
  const auto result =
      test::run({"patch", "-s", "-i", (dir / "patch").string(), (dir / "file").string()});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  return std::filesystem::exists(dir / "file") ? test::read_text(dir / "file") : "";
}

// Lines that come or go.
std::size_t cost_of(const std::string& hunks) {
  const auto lines = split_lines(hunks);
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](auto line) {
    return line.starts_with('-') || line.starts_with('+');
  }));
}

TEST(LineDiff, SplitsALineFromTheNextBehindItsBreak) {
  EXPECT_EQ(split_lines(""), std::vector<std::string_view>());
  EXPECT_EQ(split_lines("a\n\nb"), (std::vector<std::string_view>{"a\n", "\n", "b"}));
  EXPECT_EQ(split_lines("\n"), (std::vector<std::string_view>{"\n"}));
}

TEST(LineDiff, SaysWhichLinesGiveWay) {
  const std::vector<LineChange> expected = {{1, 2, 1, 1}, {3, 3, 2, 3}};
  EXPECT_EQ(diff_lines({"a\n", "b\n", "c\n"}, {"a\n", "c\n", "d\n"}), expected);
}

struct TextPair {
  const char* name;
  std::string before;
  std::string after;
};

const std::vector<TextPair>& pairs() {
  static const std::vector<TextPair> kPairs = {
      {"nothing", "", ""},
      {"the same", "a\nb\n", "a\nb\n"},
      {"from nothing", "", "a\nb\n"},
      {"to nothing", "a\nb\n", ""},
      {"one line", "a\n", "b\n"},
      {"the last line break", "a\nb", "a\nb\n"},
      {"no last line breaks", "a\nb", "a\nc"},
      {"blank lines", "\n\n\n", "\n\n"},
      {"the first line", "x\n1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n"},
      {"far apart", repeated("a\n", 9) + "x\n" + repeated("b\n", 20) + "y\n",
       repeated("a\n", 9) + "X\n" + repeated("b\n", 20) + "Y\n"},
      {"just near enough", "x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n"},
      {"just too far", "x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n"},
      {"carriage returns", "a\r\nb\r\n", "a\nb\r\n"},
      {"swapped", "a\nb\nc\nd\n", "c\nd\na\nb\n"},
      {"a narrow box", "x\n", repeated("y\n", 10) + "z\n"},
  };
  return kPairs;
}

TEST(LineDiff, IsReadByPatch) {
  const TempDir dir;
  for (const auto& [name, before, after] : pairs()) {
    SCOPED_TRACE(name);
    const std::string hunks = unified_diff(before, after);
    if (before == after)
      EXPECT_EQ(hunks, "");
    else
      EXPECT_EQ(patched(dir, before, hunks), after);
  }
}

TEST(LineDiff, IsAsDiffWritesIt) {
  const TempDir dir;
  for (const auto& [name, before, after] : pairs()) {
    if (std::string(name) == "swapped") continue;  // there are two shortest ways
    EXPECT_EQ(unified_diff(before, after), diff_of_system(dir, before, after)) << name;
  }
}

std::string random_text(std::mt19937& random, std::size_t lines, unsigned kinds) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += std::to_string(random() % kinds) + "\n";
  if (!text.empty() && random() % 4 == 0) text.pop_back();
  return text;
}

// Some lines of it are others, or gone, or new.
std::string edited(std::mt19937& random, const std::string& text) {
  std::string out;
  for (const std::string_view line : split_lines(text)) {
    const auto what = random() % 12;
    if (what == 0) continue;
    if (what == 1) out += "new\n";
    out += what == 2 ? "other\n" : line;
  }
  return out;
}

TEST(LineDiff, OfAnyTextsIsReadByPatchAndNotLongerThanItHasToBe) {
  const TempDir dir;
  std::mt19937 random(20261127);
  for (unsigned i = 0; i < 40; ++i) {
    const std::string before = random_text(random, random() % 60, 2 + i % 20);
    const std::string after =
        i % 2 == 0 ? edited(random, before) : random_text(random, random() % 60, 2 + i % 20);
    if (before == after) continue;
    const std::string hunks = unified_diff(before, after);
    ASSERT_EQ(patched(dir, before, hunks), after) << before << "=>\n" << after;
    EXPECT_EQ(cost_of(hunks), cost_of(diff_of_system(dir, before, after)));
  }
}

// As `patch` would, in memory.
std::string applied(const std::string& before, const std::string& after) {
  const auto old_lines = split_lines(before);
  const auto new_lines = split_lines(after);
  std::string out;
  std::size_t at = 0;
  for (const LineChange& change : diff_lines(old_lines, new_lines)) {
    for (; at < change.old_begin; ++at) out += old_lines[at];
    for (std::size_t i = change.new_begin; i < change.new_end; ++i) out += new_lines[i];
    at = change.old_end;
  }
  for (; at < old_lines.size(); ++at) out += old_lines[at];
  return out;
}

TEST(LineDiff, OfSmallTextsIsTheShortest) {
  const std::string alphabet[] = {"a\n", "b\n", "c\n"};
  const auto text_of = [&](int number, int length) {
    std::string text;
    for (int i = 0; i < length; ++i, number /= 3) text += alphabet[number % 3];
    return text;
  };
  const auto shortest = [](const auto& a, const auto& b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
      for (std::size_t j = 0; j <= b.size(); ++j) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        cost[i][j] = 1 + std::min(cost[i - 1][j], cost[i][j - 1]);
        if (a[i - 1] == b[j - 1]) cost[i][j] = std::min(cost[i][j], cost[i - 1][j - 1]);
      }
    return cost[a.size()][b.size()];
  };
  for (int i = 0; i < 81; ++i)
    for (int j = 0; j < 81; ++j) {
      const std::string before = text_of(i, 4);
      const std::string after = text_of(j, 4);
      const auto old_lines = split_lines(before);
      const auto new_lines = split_lines(after);
      std::size_t cost = 0;
      for (const LineChange& change : diff_lines(old_lines, new_lines))
        cost += change.old_end - change.old_begin + change.new_end - change.new_begin;
      ASSERT_EQ(cost, shortest(old_lines, new_lines)) << before << "=>\n" << after;
      ASSERT_EQ(applied(before, after), after);
    }
}

TEST(LineDiff, TakesLargeTextsThatHaveNothingInCommonInItsStride) {
  std::mt19937 random(1);
  const std::string before = random_text(random, 30'000, 1'000'000);
  const std::string after = random_text(random, 30'000, 1'000'000);
  EXPECT_EQ(applied(before, after), after);
  const std::string few = random_text(random, 4'000, 3);
  const std::string others = random_text(random, 6'000, 3);
  EXPECT_EQ(applied(few, others), others);
}

}  // namespace
}  // namespace tote
