#include "registry/first_of_two.h"

#include <gtest/gtest.h>

#include <string>

namespace tote::registry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Attempt = Race<std::string>::Attempt;

Attempt succeeds(const std::string& value) {
  return [value](const std::stop_token&) { return value; };
}

Attempt fails(const std::string& why) {
  return [why](const std::stop_token&) -> std::string { throw Error(ErrorKind::kTransport, why); };
}

// Until it is stopped.
Attempt hangs() {
  return [](const std::stop_token& stop) -> std::string {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, stop, [] { return false; });
    throw Cancelled();
  };
}

FirstOfTwo<std::string> run(const Attempt& first, const Attempt& second,
                            milliseconds head_start = hours(1)) {
  return Race<std::string>().run(first, second, head_start, {});
}

TEST(FirstOfTwo, DoesNotBeginTheSecondWhereTheFirstSucceedsInTime) {
  bool was_begun = false;
  const auto outcome = run(succeeds("a"), [&](const std::stop_token&) -> std::string {
    was_begun = true;
    return "b";
  });
  EXPECT_EQ(outcome.value, "a");
  EXPECT_FALSE(was_begun);
}

TEST(FirstOfTwo, BeginsTheSecondAtOnceWhereTheFirstFails) {
  EXPECT_EQ(run(fails("no"), succeeds("b")).value, "b");
}

TEST(FirstOfTwo, TakesTheSecondWhereTheFirstHangsAndStopsTheFirst) {
  EXPECT_EQ(run(hangs(), succeeds("b"), milliseconds(0)).value, "b");
}

TEST(FirstOfTwo, WaitsForTheFirstWhereTheSecondFails) {
  std::stop_source second_failed;
  const auto outcome = run(
      [&](const std::stop_token&) -> std::string {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait(lock, second_failed.get_token(), [] { return false; });
        return "a";
      },
      [&](const std::stop_token&) -> std::string {
        second_failed.request_stop();
        throw Error(ErrorKind::kTransport, "no");
      },
      milliseconds(0));
  EXPECT_EQ(outcome.value, "a");
}

TEST(FirstOfTwo, TellsBothFailures) {
  const auto outcome = run(fails("one"), fails("two"));
  EXPECT_FALSE(outcome.value);
  ASSERT_TRUE(outcome.failures[0] && outcome.failures[1]);
  EXPECT_EQ(outcome.failures[0]->message(), "one");
  EXPECT_EQ(outcome.failures[1]->message(), "two");
}

TEST(FirstOfTwo, IsCancelledWhileBothHang) {
  std::stop_source stop;
  const Attempt stops_all = [&](const std::stop_token& token) {
    stop.request_stop();
    return hangs()(token);
  };
  EXPECT_THROW(Race<std::string>().run(hangs(), stops_all, milliseconds(0), stop.get_token()),
               Cancelled);
}

TEST(FirstOfTwo, NeverStopsTheWinner) {
  std::stop_token kept;
  std::stop_source stop;
  const auto outcome = Race<std::string>().run(
      [&](const std::stop_token& token) -> std::string {
        kept = token;
        return "a";
      },
      hangs(), hours(1), stop.get_token());
  stop.request_stop();
  EXPECT_FALSE(kept.stop_requested());
}

}  // namespace
}  // namespace tote::registry
