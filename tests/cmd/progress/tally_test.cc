#include "cmd/progress/tally.h"

#include "cmd/progress/plain_lines.h"
#include "cmd/progress/quantities.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using namespace std::chrono_literals;

const oci::Repository kApp{"a.io", "app"};

class TallyTest : public testing::Test {
 protected:
  copy::BlobWork blob(const std::string& content, std::uint64_t size,
                      copy::BlobState state = copy::BlobState::kSend) {
    return {{"l", oci::Digest::of(content), size}, kApp, copy::BlobKind::kLayer, state};
  }
  void find(std::vector<copy::BlobWork> blobs) {
    work_.blobs = std::move(blobs);
    tell(copy::WorkFound{work_});
  }
  void tell(const bundle::Event& event) { tally_.add(event, now_); }
  void send_all(const copy::BlobWork& blob) {
    tell(copy::BlobBegun{blob, 0});
    tell(copy::BlobAdvanced{blob, blob.blob.size});
    tell(copy::BlobFinished{blob, copy::BlobOutcome::kSent, 1s});
  }

  Tally::Time now_{1h};
  Tally tally_{now_};
  copy::Work work_;
};

TEST_F(TallyTest, CountsWhatIsToBeSentAndWhatIsThere) {
  find({blob("a", 100), blob("b", 50), blob("c", 7, copy::BlobState::kThere)});
  EXPECT_EQ(tally_.to_send().blobs, 2U);
  EXPECT_EQ(tally_.to_send().bytes, 150U);
  EXPECT_EQ(tally_.there().bytes, 7U);
  send_all(work_.blobs[0]);
  EXPECT_EQ(tally_.sent().blobs, 1U);
  EXPECT_EQ(tally_.sent().bytes, 100U);
  tell(copy::BlobBegun{work_.blobs[1], 0});
  tell(copy::BlobAdvanced{work_.blobs[1], 20});
  EXPECT_EQ(tally_.sent().blobs, 1U);
  EXPECT_EQ(tally_.sent().bytes, 120U);
  ASSERT_EQ(tally_.active().size(), 1U);
  EXPECT_EQ(tally_.active()[0].position, 20U);
}

TEST_F(TallyTest, FallsOnlyWhenARetryTakesBytesBack) {
  find({blob("a", 100)});
  tell(copy::BlobBegun{work_.blobs[0], 0});
  tell(copy::BlobAdvanced{work_.blobs[0], 80});
  tell(copy::BlobBegun{work_.blobs[0], 64});
  EXPECT_EQ(tally_.sent().bytes, 64U);
  tell(copy::BlobAdvanced{work_.blobs[0], 100});
  tell(copy::BlobFinished{work_.blobs[0], copy::BlobOutcome::kSent, 1s});
  EXPECT_EQ(tally_.sent().bytes, 100U);
  EXPECT_EQ(tally_.to_send().blobs, 1U) << "it is still one blob";
  EXPECT_EQ(tally_.moved(), 116U) << "what was moved twice counts twice";
}

TEST_F(TallyTest, NeverCountsMoreThanThereIs) {
  find({blob("a", 100)});
  tell(copy::BlobBegun{work_.blobs[0], 0});
  tell(copy::BlobAdvanced{work_.blobs[0], 5000});
  EXPECT_EQ(tally_.sent().bytes, 100U);
  EXPECT_EQ(percent(tally_.sent().bytes, tally_.to_send().bytes), 100);
}

TEST_F(TallyTest, SendsWhatARegistryDoesNotMount) {
  find({blob("a", 100, copy::BlobState::kMount), blob("b", 50, copy::BlobState::kMount)});
  EXPECT_EQ(tally_.to_send().blobs, 0U);
  tell(copy::BlobFinished{work_.blobs[0], copy::BlobOutcome::kMounted, 1s});
  EXPECT_EQ(tally_.mounted().bytes, 100U);
  send_all(work_.blobs[1]);
  EXPECT_EQ(tally_.to_send().bytes, 50U);
  EXPECT_EQ(tally_.sent().bytes, 50U);
}

TEST_F(TallyTest, CountsOnlyWhatThisRunHasMoved) {
  find({blob("a", 100)});
  tell(copy::BlobBegun{work_.blobs[0], 60});
  tell(copy::BlobAdvanced{work_.blobs[0], 100});
  EXPECT_EQ(tally_.sent().bytes, 100U);
  EXPECT_EQ(tally_.moved(), 40U);
}

TEST_F(TallyTest, SmoothesTheRateOverTenSeconds) {
  find({blob("a", 100'000)});
  tell(copy::BlobBegun{work_.blobs[0], 0});
  for (int second = 1; second <= 20; ++second) {
    now_ += 1s;
    // Ten seconds of 100 bytes each, then of 1,000.
    const int position = second <= 10 ? 100 * second : 1000 + 1000 * (second - 10);
    tell(copy::BlobAdvanced{work_.blobs[0], static_cast<std::uint64_t>(position)});
    if (second == 10) {
      EXPECT_NEAR(tally_.bytes_per_second(now_), 100, 1);
    }
    if (second == 15) {
      EXPECT_NEAR(tally_.bytes_per_second(now_), 550, 5);
    }
  }
  EXPECT_NEAR(tally_.bytes_per_second(now_), 1000, 1) << "what was before is forgotten";
  EXPECT_EQ(tally_.time_left(now_), 89s);
}

TEST_F(TallyTest, KnowsNoTimeWhileNothingMoves) {
  find({blob("a", 100'000)});
  tell(copy::BlobBegun{work_.blobs[0], 0});
  now_ += 5s;
  EXPECT_EQ(tally_.bytes_per_second(now_), 0);
  EXPECT_EQ(tally_.time_left(now_), std::nullopt);
}

TEST_F(TallyTest, IsSaidInSentences) {
  tell(bundle::ImagesSelected{13, false});
  EXPECT_EQ(state_line(tally_, now_), "looking at 13 images");
  find({blob("a", 3 << 20), blob("b", 1 << 20), blob("c", 2048, copy::BlobState::kThere)});
  EXPECT_EQ(work_line(tally_), "13 images: 4.0 MiB in 2 blobs to move, 2.0 KiB already there");
  now_ += 2s;
  send_all(work_.blobs[1]);
  EXPECT_EQ(state_line(tally_, now_),
            "1 of 2 blobs, 1.0 MiB of 4.0 MiB (25 %), 512.0 KiB/s, 6 s left");
  send_all(work_.blobs[0]);
  tell(bundle::TaggingBegun{});
  EXPECT_EQ(state_line(tally_, now_), "4.0 MiB moved; setting tags");
  EXPECT_EQ(summary_line("copied", tally_, now_),
            "copied 13 images in 2.0 s: 4.0 MiB moved (2.0 MiB/s), 2.0 KiB already there");
}

TEST_F(TallyTest, CountsImagesThatAreLookedAt) {
  tell(bundle::Counted{"images", 3, 118});
  EXPECT_EQ(state_line(tally_, now_), "3 of 118 images");
}

TEST(Quantities, AreRounded) {
  const std::vector<std::pair<std::uint64_t, std::string>> sizes = {
      {0, "0 B"},           {1023, "1023 B"},     {1024, "1.0 KiB"},          {1536, "1.5 KiB"},
      {1048540, "1.0 MiB"}, {1048576, "1.0 MiB"}, {5'000'000'000, "4.7 GiB"}, {~0ULL, "16.0 EiB"}};
  for (const auto& [bytes, text] : sizes) EXPECT_EQ(bytes_text(bytes), text);
  const std::vector<std::pair<std::chrono::seconds, std::string>> times = {
      {0s, "0 s"},
      {59s, "59 s"},
      {60s, "1 min 0 s"},
      {3599s, "59 min 59 s"},
      {3h + 5min, "3 h 5 min"}};
  for (const auto& [time, text] : times) EXPECT_EQ(time_text(time), text);
  EXPECT_EQ(percent(999, 1000), 99) << "not all yet";
  EXPECT_EQ(percent(0, 0), 100);
}

}  // namespace
}  // namespace tote::cmd
