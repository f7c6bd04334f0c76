// How many requests at a time a host is found to answer well.
#include "registry/adaptive_level.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace tote::registry {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

steady_clock::duration seconds(double time) {
  return duration_cast<steady_clock::duration>(duration<double>(time));
}

// Answers as many requests as are allowed, `times`, each after what `takes` says of their number.
void answer(AdaptiveLevel& level, int times, const std::function<double(std::size_t)>& takes,
            std::string_view method = "GET") {
  for (int i = 0; i < times; ++i) {
    const std::size_t under_way = level.allowed();
    for (std::size_t k = 0; k < under_way; ++k)
      level.succeeded(method, seconds(takes(under_way)), under_way);
  }
}

double far_away(std::size_t) {
  return 0.05;
}

TEST(AdaptiveLevel, DoublesWhileAnswersComeAsFast) {
  AdaptiveLevel level(8, 64);
  for (const std::size_t expected : {16U, 32U, 64U, 64U}) {
    answer(level, 1, far_away);
    EXPECT_EQ(level.allowed(), expected);
  }
}

TEST(AdaptiveLevel, StaysWhereMoreOnlyWait) {
  // A host that answers ten at a time, each within 20 ms.
  const auto busy = [](std::size_t under_way) {
    return 0.02 * std::max(1.0, static_cast<double>(under_way) / 10);
  };
  AdaptiveLevel level(5, 64);
  answer(level, 100, busy);
  EXPECT_GE(level.allowed(), 10U);
  EXPECT_LE(level.allowed(), 20U);
}

TEST(AdaptiveLevel, GoesBackWhereAnswersBecomeMuchSlower) {
  AdaptiveLevel level(5, 64);
  answer(level, 10, far_away);
  ASSERT_EQ(level.allowed(), 64U);
  answer(level, 1, [](std::size_t) { return 0.2; });
  EXPECT_EQ(level.allowed(), 48U);
  answer(level, 8, [](std::size_t) { return 0.5; });
  EXPECT_EQ(level.allowed(), 5U) << "and no further than where it began";
}

TEST(AdaptiveLevel, ComparesEveryMethodWithItself) {
  AdaptiveLevel level(5, 64);
  answer(level, 1, far_away, "HEAD");
  answer(
      level, 1, [](std::size_t) { return 0.4; }, "PUT");
  answer(
      level, 1, [](std::size_t) { return 0.2; }, "POST");
  EXPECT_EQ(level.allowed(), 40U);
}

TEST(AdaptiveLevel, CallsNothingSlowThatTakesNoTime) {
  AdaptiveLevel level(5, 64);
  answer(level, 1, [](std::size_t) { return 0.00001; });
  answer(level, 5, [](std::size_t) { return 0.0005; });
  EXPECT_EQ(level.allowed(), 64U);
}

TEST(AdaptiveLevel, HalvesWhatWasRefusedAndComesNearItAgain) {
  AdaptiveLevel level(8, 64);
  answer(level, 1, far_away);
  level.refused(16);
  EXPECT_EQ(level.allowed(), 8U);
  answer(level, 7, far_away);
  EXPECT_EQ(level.allowed(), 15U) << "one more in each round";
  answer(level, 15, far_away);
  EXPECT_EQ(level.allowed(), 15U) << "patience";
  answer(level, 1, far_away);
  EXPECT_EQ(level.allowed(), 16U);
}

// A host that refuses the ninth.
TEST(AdaptiveLevel, IsSeldomRefusedOnceItHasSettled) {
  AdaptiveLevel level(8, 64);
  int answered = 0;
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    if (level.allowed() > 8) {
      level.refused(level.allowed());
      ++refused;
    }
    answered += static_cast<int>(level.allowed());
    answer(level, 1, far_away);
  }
  EXPECT_GT(refused, 0) << "it is tried again and again";
  EXPECT_LT(refused, answered / 50);
}

TEST(AdaptiveLevel, IsNeverLessThanOneNorMoreThanTheMost) {
  AdaptiveLevel level(2, 2);
  answer(level, 10, far_away);
  EXPECT_EQ(level.allowed(), 2U);
  for (int i = 0; i < 5; ++i) level.refused(1);
  EXPECT_EQ(level.allowed(), 1U);
}

TEST(AdaptiveLevel, DoesNotGrowWhereNobodyAsksForMore) {
  AdaptiveLevel level(8, 64);
  for (int i = 0; i < 100; ++i) level.succeeded("GET", milliseconds(50), 3);
  EXPECT_EQ(level.allowed(), 8U);
}

}  // namespace
}  // namespace tote::registry
