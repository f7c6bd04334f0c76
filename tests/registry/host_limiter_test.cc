#include "registry/host_limiter.h"

#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tote::registry {
namespace {

namespace tr = testregistry;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Weight = HostLimiter::Weight;

// What happens to requests, one letter each: ">" sends one, "." answers the oldest with 200,
// "x" with 404, "5" with 500, "!" with 429, "1" with 429 and Retry-After: 1, "3" with 503 and
// Retry-After: 3, "s" with 503, "L" with 429 and Retry-After: 1000, "-" breaks its connection, "_"
// is a second in which nothing happens.
struct Sequence {
  const char* name;
  std::size_t max;
  const char* events;
  std::size_t allowed;           // in the end
  std::vector<int> waited = {};  // milliseconds, each time
};
class Sequences : public testing::TestWithParam<Sequence> {
 protected:
  void happen(char event) {
    if (event == '>')
      turns_.emplace_back(limiter_, Weight::kCounted, "GET", std::stop_token());
    else if (event == '_')
      clock_.advance(seconds(1));
    else
      answer(event);
  }

  void answer(char event) {
    HostLimiter::Turn& turn = turns_.front();
    switch (event) {
      case '.':
        turn.answered(200, std::nullopt);
        break;
      case 'x':
        turn.answered(404, std::nullopt);
        break;
      case '5':
        turn.answered(500, std::nullopt);
        break;
      case 's':
        turn.answered(503, std::nullopt);
        break;
      case '!':
        turn.answered(429, std::nullopt);
        break;
      case '1':
        turn.answered(429, seconds(1));
        break;
      case '3':
        turn.answered(503, seconds(3));
        break;
      case 'L':
        turn.answered(429, seconds(1000));
        break;
      default:
        turn.broke();
    }
    turns_.pop_front();
  }

  test::FakeClock clock_;
  HostLimiter limiter_{{.max_under_way = GetParam().max}, clock_};
  std::list<HostLimiter::Turn> turns_;
};

TEST_P(Sequences, LeadToALimitAndToPauses) {
  for (const char* event = GetParam().events; *event != '\0'; ++event) happen(*event);
  EXPECT_EQ(limiter_.allowed(), GetParam().allowed);
  std::vector<int> waited;
  for (const milliseconds time : clock_.slept()) waited.push_back(static_cast<int>(time.count()));
  EXPECT_EQ(waited, GetParam().waited);
}

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

INSTANTIATE_TEST_SUITE_P(
    All, Sequences,
    testing::Values(
        Sequence{"NoAnswer", 8, "", 8}, Sequence{"OnlySuccesses", 8, ">.>.>.>.", 8},
        Sequence{"FailuresOfTheServer", 8, ">5>5>5", 8}, Sequence{"Unavailable", 8, ">>>>>>s", 3},
        Sequence{"NoAnswerAtAll", 8, ">>>>>>-", 3}, Sequence{"NotFound", 8, ">x>x", 8},
        Sequence{"AloneAndTooMany", 8, ">!", 1}, Sequence{"HalfOfThoseUnderWay", 8, ">>>>!", 2},
        Sequence{"HalfOfThoseUnderWayWithoutALimit", kNone, ">>>>>>!", 3},
        Sequence{"RefusedTogetherIsOnce", 8, ">>>>!!!!", 2},
        Sequence{"RefusedAgainIsHalfAgain", 8, ">>>>>>>>!.......>>>>!", 2},
        Sequence{"NeverLessThanOne", 8, ">!>!>!", 1},
        Sequence{"NotSoonWhatWasRefused", 8, ">!>.>.>.", 1},
        Sequence{"AWindowIsAsManyAsAreAllowed", 8, ">>>>>>>>!.......>>>>>.....", 6},
        Sequence{"NotReachedIsNotTried", 8, ">>>>>>>>!.......>.>.>.>.>.>.>.>.", 5},
        Sequence{"NoMoreThanTheMost", 2, ">>!.>.>.>.>.>.>.>.>.>.>.>.>.>.>.>.>.>>..>>..>>..", 2},
        Sequence{"FailuresAreNoSuccesses", 8, ">!>5>5>5", 1},
        Sequence{"PausesAsLongAsTold", 8, ">1>", 1, {1000}},
        Sequence{"PausesForWhatIsLeft", 8, ">3__>", 1, {1000}},
        Sequence{"PausesNoMoreWhenItIsOver", 8, ">3___>", 1},
        Sequence{"TheLongerPauseCounts", 8, ">>31>", 1, {3000}},
        Sequence{"MorePatienceThanThereIs", 8, ">L>", 1},
        Sequence{"AMostOfNoneIsOne", 0, ">.>.", 1}),
    [](const auto& row) { return row.param.name; });

TEST(HostLimiter, LetsTheNextInWhenATurnIsOver) {
  test::FakeClock clock;
  HostLimiter limiter({.max_under_way = 1}, clock);
  std::optional<HostLimiter::Turn> first(std::in_place, limiter, Weight::kCounted, "GET",
                                         std::stop_token());
  std::atomic<bool> is_over = false;
  std::jthread next([&] {
    const HostLimiter::Turn turn(limiter, Weight::kCounted, "GET", {});
    EXPECT_TRUE(is_over);
    EXPECT_EQ(limiter.under_way(), 1U);
  });
  is_over = true;
  first.reset();
}

TEST(HostLimiter, CountsNoRequestThatMayNeedAnother) {
  test::FakeClock clock;
  HostLimiter limiter({.max_under_way = 1}, clock);
  const HostLimiter::Turn upload(limiter, Weight::kUncounted, "GET", {});
  const HostLimiter::Turn other(limiter, Weight::kUncounted, "GET", {});
  const HostLimiter::Turn download(limiter, Weight::kCounted, "GET", {});
  EXPECT_EQ(limiter.under_way(), 1U);
}

TEST(HostLimiter, StopsWaitingWhenToldTo) {
  test::FakeClock clock;
  HostLimiter limiter({.max_under_way = 1}, clock);
  std::stop_source stop;
  stop.request_stop();
  {
    const HostLimiter::Turn first(limiter, Weight::kCounted, "GET", {});
    EXPECT_THROW(HostLimiter::Turn(limiter, Weight::kCounted, "GET", stop.get_token()), Cancelled);
  }
  {
    HostLimiter::Turn refused(limiter, Weight::kCounted, "GET", {});
    refused.answered(429, seconds(5));
  }
  EXPECT_THROW(HostLimiter::Turn(limiter, Weight::kCounted, "GET", stop.get_token()), Cancelled);
  EXPECT_EQ(limiter.under_way(), 0U);
}

TEST(HostLimiter, SmoothsTheTimesThatAnswersTake) {
  test::FakeClock clock;
  HostLimiter limiter({}, clock);
  EXPECT_FALSE(limiter.latency());
  for (const milliseconds time : {milliseconds(80), milliseconds(160)}) {
    HostLimiter::Turn turn(limiter, Weight::kCounted, "GET", {});
    clock.advance(time);
    turn.answered(200, std::nullopt);
  }
  EXPECT_EQ(limiter.latency(), microseconds(90'000));
}

class LimitedClient : public ClientTest {};

// Over sockets: who has been refused waits, and so does who asks for something else meanwhile.
TEST_F(LimitedClient, AHostIsLeftAloneByAllAsLongAsItSays) {
  TestRegistry registry;
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  std::atomic<bool> is_refused = false;
  registry.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/" || is_refused.exchange(true)) return std::nullopt;
    tr::Response busy = tr::error_response(429, "TOOMANYREQUESTS", "slow down");
    busy.headers.emplace_back("Retry-After", "1");
    return busy;
  });
  RemoteRepository* remote = nullptr;
  const RetryListener ask_meanwhile = [&](milliseconds, const Error&) {
    EXPECT_TRUE(remote->resolve("v1", {}));
    EXPECT_EQ(clock_.slept(), std::vector<milliseconds>{seconds(1)});
  };
  remote = &repository(registry, {.retry = {.on_retry = ask_meanwhile}});
  EXPECT_TRUE(remote->resolve("v1", {}));
  EXPECT_EQ(clock_.slept().size(), 2U) << "both have waited";
}

}  // namespace
}  // namespace tote::registry
