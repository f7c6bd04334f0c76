#include "base/text_merge.h"

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tote {
namespace {

using test::TempDir;

struct MergeRow {
  const char* name;
  const char* base;
  const char* ours;
  const char* theirs;
  const char* merged;
  std::size_t conflicts;
};
class TextMerges : public testing::TestWithParam<MergeRow> {};

TEST_P(TextMerges, TakeTheChangesOfBoth) {
  const MergeRow& row = GetParam();
  const TextMerge merge = merge_texts(row.base, row.ours, row.theirs);
  EXPECT_EQ(merge.text, row.merged);
  EXPECT_EQ(merge.conflicts, row.conflicts);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TextMerges,
    testing::Values(
        MergeRow{"Nothing", "", "", "", "", 0},
        MergeRow{"FarApart", "a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n",
                 "A\nb\nc\nd\nE\n", 0},
        MergeRow{"OneLineBetween", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", 0},
        MergeRow{"NoLineBetween", "a\nb\n", "A\nb\n", "a\nB\n",
                 "<<<<<<< ours\nA\nb\n=======\na\nB\n>>>>>>> theirs\n", 1},
        MergeRow{"TheSameLine", "a\n", "b\n", "c\n",
                 "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", 1},
        MergeRow{"TheSameChange", "a\nb\n", "A\nb\n", "A\nb\n", "A\nb\n", 0},
        MergeRow{"TheSameChangeAndAnother", "a\nb\nc\nd\n", "A\nb\nc\nD\n", "A\nb\nc\nd\n",
                 "A\nb\nc\nD\n", 0},
        MergeRow{"RemovedAndChanged", "a\nb\n", "b\n", "A\nb\n",
                 "<<<<<<< ours\n=======\nA\n>>>>>>> theirs\nb\n", 1},
        MergeRow{"BothAddAtTheEnd", "a\n", "a\nb\n", "a\nc\n",
                 "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", 1},
        MergeRow{"BothFromNothing", "", "b\n", "c\n",
                 "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", 1},
        MergeRow{"NoLastBreakStays", "a\nb\nc", "A\nb\nc", "a\nb\nc", "A\nb\nc", 0},
        MergeRow{"NoLastBreakInAConflict", "a", "b", "c",
                 "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", 1},
        MergeRow{"TheLastBreakComes", "a\nb\nc", "A\nb\nc", "a\nb\nc\n", "A\nb\nc\n", 0},
        MergeRow{"CarriageReturns", "a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n",
                 "A\r\nb\r\nC\r\n", 0},
        MergeRow{"CarriageReturnsInAConflict", "a\r\n", "b\r\n", "c\r\n",
                 "<<<<<<< ours\r\nb\r\n=======\r\nc\r\n>>>>>>> theirs\r\n", 1},
        MergeRow{"AllBreaksChange", "a\nb\nc\n", "A\nb\nc\n", "a\r\nb\r\nc\r\n",
                 "<<<<<<< ours\nA\nb\nc\n=======\na\r\nb\r\nc\r\n>>>>>>> theirs\n", 1},
        MergeRow{"Unicode", "ä\nb\nö\n", "Ä\nb\nö\n", "ä\nb\nÖ\n", "Ä\nb\nÖ\n", 0}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(TextMergeLabels, StandBehindTheMarks) {
  EXPECT_EQ(merge_texts("a\n", "b\n", "c\n", {"local", "upstream v2"}).text,
            "<<<<<<< local\nb\n=======\nc\n>>>>>>> upstream v2\n");
}

class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : random_(seed) {}

  std::vector<std::string> base() {
    std::vector<std::string> lines;
    for (unsigned i = pick(30); i > 0; --i) lines.push_back(fresh());
    return lines;
  }
  // Some lines go, some are others, some come. Lines that come may come on the other side too.
  std::vector<std::string> changed(const std::vector<std::string>& base) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i <= base.size(); ++i) {
      if (pick(8) == 0) lines.push_back(pick(3) == 0 ? fmt::format("shared {}\n", i) : fresh());
      if (i == base.size()) break;
      const unsigned what = pick(10);
      if (what == 0) lines.push_back(fresh());
      if (what == 1) lines.push_back(fmt::format("same {}\n", i));
      if (what > 2) lines.push_back(base[i]);
    }
    return lines;
  }

 private:
  unsigned pick(unsigned kinds) { return static_cast<unsigned>(random_() % kinds); }
  std::string fresh() { return fmt::format("line {}\n", ++count_); }

  std::mt19937 random_;
  int count_ = 0;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

TEST(TextMergeProperty, AgreesWithDiff3OnLinesThatAreAllDifferent) {
  if (test::run({"diff3", "--version"}).exit_code != 0) GTEST_SKIP() << "there is no diff3";
  const TempDir dir;
  for (unsigned seed = 0; seed < 100; ++seed) {
    RandomTexts random(seed);
    const auto base = random.base();
    const std::string ours = joined(random.changed(base));
    const std::string theirs = joined(random.changed(base));
    test::write_text(dir / "base", joined(base));
    test::write_text(dir / "ours", ours);
    test::write_text(dir / "theirs", theirs);
    const auto expected =
        test::run({"diff3", "-m", "-E", "-L", "ours", "-L", "base", "-L", "theirs",
                   (dir / "ours").string(), (dir / "base").string(), (dir / "theirs").string()});
    const TextMerge merge = merge_texts(joined(base), ours, theirs);
    ASSERT_EQ(merge.text, expected.out) << "seed " << seed;
    ASSERT_EQ(merge.conflicts > 0 ? 1 : 0, expected.exit_code) << "seed " << seed;
  }
}

// Also where lines are alike, without a break at the end, with bytes of any kind.
std::string any_text(std::mt19937& random) {
  std::string text;
  for (auto i = random() % 40; i > 0; --i) text += "ab\n\n\r\0\xff"[random() % 7];
  return text;
}

TEST(TextMergeProperty, ChangesOfOneSideAloneAreTakenAsTheyAre) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string base = any_text(random);
    const std::string other = any_text(random);
    ASSERT_EQ(merge_texts(base, other, base).text, other);
    ASSERT_EQ(merge_texts(base, base, other).text, other);
    ASSERT_EQ(merge_texts(base, other, other).text, other);
    ASSERT_EQ(merge_texts(base, other, other).conflicts, 0U);
  }
}

}  // namespace
}  // namespace tote
