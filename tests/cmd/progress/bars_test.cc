#include "cmd/progress/bars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using namespace std::chrono_literals;

class BarsTest : public testing::Test {
 protected:
  // So many blobs of 1 MiB, half of each sent.
  void begin(int blobs) {
    for (int i = 0; i < blobs; ++i)
      work_.blobs.push_back({{"l", oci::Digest::of(std::to_string(i)), 1 << 20}, {"a.io", "app"}});
    tally_.add(copy::WorkFound{work_}, now_);
    for (const copy::BlobWork& blob : work_.blobs) {
      tally_.add(copy::BlobBegun{blob, 0}, now_);
      tally_.add(copy::BlobAdvanced{blob, 1 << 19}, now_);
    }
  }
  std::vector<std::string> draw(std::size_t columns, std::size_t rows = 24) {
    return bars(tally_, now_, {columns, rows});
  }

  Tally::Time now_{1h};
  Tally tally_{now_};
  copy::Work work_;
};

TEST_F(BarsTest, AreALineForEachBlobAndATotal) {
  begin(2);
  const std::vector<std::string> lines = draw(80);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0],
            "  sha256:5feceb66ffc8  [============>            ]   50 %  512.0 KiB of 1.0 MiB");
  EXPECT_EQ(lines[2], "0 of 2 blobs, 1.0 MiB of 2.0 MiB (50 %)");
}

TEST_F(BarsTest, FitTheTerminalHoweverNarrowAndLow) {
  begin(40);
  for (std::size_t columns = 1; columns < 120; ++columns) {
    const std::vector<std::string> lines = draw(columns);
    EXPECT_EQ(lines.size(), 13U) << "twelve blobs and the total";
    for (const std::string& line : lines) EXPECT_LT(line.size(), std::max<std::size_t>(columns, 2));
  }
  EXPECT_EQ(draw(80, 6).size(), 4U) << "room for more below them";
  EXPECT_EQ(draw(80, 1).size(), 2U);
}

TEST_F(BarsTest, SayWhatIsDoneBeforeAnythingMoves) {
  tally_.add(bundle::ImagesSelected{7, false}, now_);
  EXPECT_THAT(draw(80), testing::ElementsAre("looking at 7 images"));
}

}  // namespace
}  // namespace tote::cmd
