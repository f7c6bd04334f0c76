// How many requests a second a host is found to take.
#include "registry/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace tote::registry {
namespace {

using std::chrono::duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PaceTest : public testing::Test {
 protected:
  void accept(int requests, microseconds apart) {
    for (int i = 0; i < requests; ++i) pace_.accepted(now_ += apart);
  }
  double rate() const { return 1 / std::chrono::duration<double>(pace_.distance()).count(); }

  Pace::Time now_{seconds(1000)};
  Pace pace_;
};

TEST_F(PaceTest, IsNoneAtFirst) {
  accept(1000, milliseconds(1));
  EXPECT_EQ(pace_.distance(), microseconds(0));
}

TEST_F(PaceTest, IsNoneAfterOneRefusal) {
  accept(20, milliseconds(1));
  pace_.refused(now_);
  EXPECT_EQ(pace_.distance(), microseconds(0));
  now_ += seconds(60);
  pace_.refused(now_);
  EXPECT_EQ(pace_.distance(), microseconds(0)) << "nor after another one much later";
}

TEST_F(PaceTest, IsALittleLessThanWhatWasTaken) {
  accept(20, milliseconds(1));
  pace_.refused(now_);
  pace_.refused(now_ += milliseconds(100));
  EXPECT_NEAR(rate(), 18, 0.1);
}

TEST_F(PaceTest, BecomesLessWhereThatIsStillTooMuch) {
  accept(100, milliseconds(1));
  pace_.refused(now_);
  pace_.refused(now_ += milliseconds(100));
  for (int i = 0; i < 3; ++i) {
    accept(2, milliseconds(600));
    pace_.refused(now_ += milliseconds(1));
  }
  EXPECT_LE(rate(), 2.01);
}

TEST_F(PaceTest, IsNeverLessThanTwoASecond) {
  accept(1, milliseconds(1));
  for (int i = 0; i < 100; ++i) pace_.refused(now_ += seconds(2));
  accept(1, milliseconds(1));
  for (int i = 0; i < 100; ++i) pace_.refused(now_ += milliseconds(2));
  EXPECT_LE(pace_.distance(), milliseconds(500));
}

TEST_F(PaceTest, EndsWhereNobodyRefusesAnyMore) {
  accept(20, milliseconds(1));
  pace_.refused(now_);
  pace_.refused(now_ += milliseconds(100));
  int requests = 0;
  for (; pace_.distance() > microseconds(0); ++requests) accept(1, pace_.distance());
  EXPECT_LT(requests, 300);
}

// A bucket of 20, filled with 20 a second.
TEST_F(PaceTest, IsSeldomRefusedOnceItHasSettled) {
  constexpr double kLimit = 20;
  double tokens = kLimit;
  int sent = 0;
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto apart = std::max(pace_.distance(), microseconds(200));
    now_ += apart;
    tokens = std::min(kLimit, tokens + duration<double>(apart).count() * kLimit);
    const bool is_taken = tokens >= 1;
    if (is_taken) {
      tokens -= 1;
      pace_.accepted(now_);
    } else {
      pace_.refused(now_);
    }
    if (i < 200) continue;
    ++sent;
    refused += is_taken ? 0 : 1;
  }
  EXPECT_GT(refused, 0) << "it tries for more";
  EXPECT_LT(refused, sent / 20);
  EXPECT_GT(rate(), kLimit * 0.8);
}

}  // namespace
}  // namespace tote::registry
