#include "base/rate_limit.h"

#include "base/error.h"
#include "tests/support/fake_clock.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tote {
namespace {

using namespace std::chrono_literals;

class RateLimitTest : public testing::Test {
 protected:
  std::chrono::milliseconds slept() {
    const auto all = clock_.slept();
    return std::accumulate(all.begin(), all.end(), 0ms);
  }

  test::FakeClock clock_;
};

TEST_F(RateLimitTest, GivesEveryByteItsTime) {
  RateLimit limit(1'000, clock_);
  for (int i = 0; i < 10; ++i) limit.take(500, {});
  EXPECT_EQ(slept(), 5s);
}

TEST_F(RateLimitTest, DoesNotSaveUpWhatNobodyWanted) {
  RateLimit limit(1'000, clock_);
  clock_.advance(60s);
  limit.take(2'000, {});
  EXPECT_EQ(slept(), 2s);
}

TEST_F(RateLimitTest, IsTakenInPiecesThatDoNotTakeLong) {
  EXPECT_EQ(RateLimit(100'000, clock_).piece(), 10'000U);
  EXPECT_EQ(RateLimit(1, clock_).piece(), 1024U);
  EXPECT_EQ(RateLimit(~0ULL, clock_).piece(), 128U * 1024);
}

TEST_F(RateLimitTest, EndsWithTheCommand) {
  RateLimit limit(1, clock_);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(limit.take(1'000'000, stop.get_token()), Cancelled);
}

}  // namespace
}  // namespace tote
