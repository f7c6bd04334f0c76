#include "base/retry.h"

#include "base/error.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using std::chrono::milliseconds;

struct Row {
  const char* name;
  int max_attempts;
  int attempt;
  std::optional<milliseconds> retry_after;
  double jitter;
  std::optional<milliseconds> want;
};
class RetryDelay : public testing::TestWithParam<Row> {};

TEST_P(RetryDelay, Is) {
  const Row& row = GetParam();
  RetryPolicy policy;
  policy.max_attempts = row.max_attempts;
  EXPECT_EQ(retry_delay(policy, row.attempt, row.retry_after, row.jitter), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    All, RetryDelay,
    testing::Values(Row{"First", 5, 1, {}, 0, milliseconds(100)},
                    Row{"Doubles", 5, 2, {}, 0, milliseconds(200)},
                    Row{"DoublesAgain", 5, 4, {}, 0, milliseconds(800)},
                    Row{"HasACeiling", 99, 20, {}, 0, milliseconds(10'000)},
                    Row{"EndsWithTheTries", 5, 5, {}, 0, {}},
                    Row{"OneTryIsNoRetry", 1, 1, {}, 0, {}}, Row{"ZeroIsOneTry", 0, 1, {}, 0, {}},
                    Row{"ObeysRetryAfter", 5, 1, milliseconds(7000), 0, milliseconds(7000)},
                    Row{"RetryAfterBeatsTheCeiling", 5, 1, milliseconds(60'000), 0,
                        milliseconds(60'000)},
                    Row{"ShortRetryAfterIsAFloorOnly", 5, 4, milliseconds(1), 0, milliseconds(800)},
                    Row{"TooLongARetryAfterIsNotWaitedFor", 5, 1, milliseconds(301'000), 0, {}},
                    Row{"Jitters", 5, 1, {}, 0.5, milliseconds(150)}),
    [](const auto& row) { return row.param.name; });

TEST(Retries, TriesAsOftenAsThePolicySaysAndGivesUpForGood) {
  test::FakeClock clock;
  const RetryPolicy policy{.max_attempts = 3};
  Retries retries(policy, clock);
  int tries = 0;
  const auto work = [&] {
    for (;;) try {
        ++tries;
        throw Error(ErrorKind::kTransport, "reset", Retry::kYes);
      } catch (Error& failure) {
        retries.wait_or_rethrow(failure, {});
      }
  };
  try {
    work();
    FAIL();
  } catch (const Error& failure) {
    EXPECT_EQ(failure.retry(), Retry::kNo) << "nobody further out may try again";
  }
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(clock.slept().size(), 2U);
}

// How many tries a transfer gets that advances by `step` from try to try.
int tries_with_step(std::uint64_t step) {
  test::FakeClock clock;
  const RetryPolicy policy{.max_attempts = 3};
  Retries retries(policy, clock);
  for (int tries = 1;; ++tries) {
    try {
      retries.advanced_to(step * static_cast<std::uint64_t>(tries));
      throw Error(ErrorKind::kTransport, "reset", Retry::kYes);
    } catch (Error& failure) {
      if (failure.retry() == Retry::kNo) return tries;
      try {
        retries.wait_or_rethrow(failure, {});
      } catch (const Error&) {
        return tries;
      }
    }
  }
}

TEST(Retries, AreGivenAnewForProgressButNotForAByteAtATime) {
  EXPECT_EQ(tries_with_step(0), 3);
  EXPECT_EQ(tries_with_step(1), 3);
  EXPECT_EQ(tries_with_step(1000), 3);
  EXPECT_GT(tries_with_step(64U * 1024), 1000);
  EXPECT_LT(tries_with_step(64U * 1024), 1100);
  EXPECT_GT(tries_with_step(40'000), 50) << "slow, but it goes on";
}

TEST(Retries, DoesNotRepeatWhatIsFinal) {
  test::FakeClock clock;
  const RetryPolicy policy;
  Retries retries(policy, clock);
  EXPECT_THAT(
      [&] {
        try {
          throw Error(ErrorKind::kDigestMismatch, "wrong");
        } catch (Error& failure) {
          retries.wait_or_rethrow(failure, {});
        }
      },
      test::ThrowsError(ErrorKind::kDigestMismatch, "wrong"));
  EXPECT_TRUE(clock.slept().empty());
}

}  // namespace
}  // namespace tote
